# SPDX-License-Identifier: Apache-2.0
"""The framework over real HTTP: routing, negotiation, conditions, pages, limits, listening."""
import csv
import gzip
import http.client
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from server import DSS, Cases, Server, free_port

cases = Cases()
CHECKS = "/api/v1/checks"


def is_problem(name, answer, status, slug):
    cases.same(f"{name}: status", status, answer.status)
    cases.same(f"{name}: media type", "application/problem+json", answer.header("Content-Type"))
    body = answer.json()
    cases.same(f"{name}: kind", slug, answer.slug())
    cases.same(f"{name}: status in the body", status, body["status"])
    cases.same(f"{name}: request id", answer.header("X-Request-Id"), body["request_id"])


def routing(server):
    is_problem("an unknown path", server.get("/nothing"), 404, "not-found")
    is_problem("an unknown path of the API", server.get("/api/v1/nothing"), 404, "not-found")
    is_problem("a path in capitals", server.get("/API/v1/checks"), 404, "not-found")
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"):
        answer = server.ask(method, CHECKS)
        is_problem(f"{method} of a list", answer, 405, "method")
        cases.same(f"{method}: Allow", "GET, HEAD, OPTIONS", answer.header("Allow"))
    answer = server.ask("OPTIONS", CHECKS)
    cases.same("OPTIONS", (204, "GET, HEAD, OPTIONS"), (answer.status, answer.header("Allow")))
    answer = server.ask("HEAD", CHECKS)
    cases.same("HEAD", (200, b""), (answer.status, answer.body))
    cases.same("HEAD: length", len(server.get(CHECKS).body), int(answer.header("Content-Length")))
    answer = server.get(CHECKS + "/?limit=3")
    cases.same("a trailing slash", (308, CHECKS + "?limit=3"),
               (answer.status, answer.header("Location")))
    is_problem("a broken escape", server.get(CHECKS + "?q=%"), 400, "malformed")
    is_problem("no UTF-8", server.get(CHECKS + "?q=%ff"), 400, "malformed")
    cases.same("no CORS", None, server.get(CHECKS, Origin="https://a.example")
               .header("Access-Control-Allow-Origin"))


def headers(server):
    answer = server.get("/healthz", X_Request_Id="my-id.1")
    cases.same("my request id", "my-id.1", answer.header("X-Request-Id"))
    answer = server.get("/healthz", X_Request_Id="no good id")
    cases.true("a request id that is none", re.fullmatch("[0-9a-f]{32}", answer.header("X-Request-Id")))
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ours = server.get("/healthz", traceparent=parent).header("traceparent")
    cases.same("my trace goes on", parent[:36], ours[:36])
    cases.true("under a span of our own", ours[36:52] != parent[36:52])
    for name, wanted in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
                         ("Referrer-Policy", "no-referrer")):
        cases.same(name, wanted, answer.header(name))
    cases.true("CSP", "default-src 'none'" in answer.header("Content-Security-Policy"))
    cases.same("no Server header", None, answer.header("Server"))


def negotiation(server):
    is_problem("Accept: image/png", server.get(CHECKS, Accept="image/png"), 406, "not-acceptable")
    cases.same("a browser's Accept", 200,
               server.get("/docs", Accept="text/html,application/xhtml+xml,*/*;q=0.8").status)
    answer = server.get(CHECKS, Accept_Encoding="gzip")
    cases.same("gzip", "gzip", answer.header("Content-Encoding"))
    plain = server.get(CHECKS)
    cases.same("gzip holds the same", plain.body, gzip.decompress(answer.body))
    cases.same("short answers stay", None,
               server.get("/healthz", Accept_Encoding="gzip").header("Content-Encoding"))
    tag, packed = plain.header("ETag"), answer.header("ETag")
    cases.true("two representations have two tags", tag != packed)
    for given in (tag, packed, f'W/{tag}', f'"x", {tag}', "*"):
        again = server.get(CHECKS, If_None_Match=given)
        cases.same(f"If-None-Match: {given}", (304, b"", tag),
                   (again.status, again.body, again.header("ETag")))
    cases.same("another tag", 200, server.get(CHECKS, If_None_Match='"x"').status)


def pages(server):
    ids, path = [], CHECKS + "?limit=7"
    while path:
        answer = server.get(path)
        page = answer.json()
        ids += [item["id"] for item in page["items"]]
        link = answer.header("Link")
        cases.same("Link with next_cursor", "next_cursor" in page, bool(link))
        path = re.fullmatch('<(.*)>; rel="next"', link).group(1) if link else None
    lines = server.get(CHECKS, Accept="application/x-ndjson")
    cases.same("NDJSON", "application/x-ndjson", lines.header("Content-Type"))
    all_ids = [json.loads(line)["id"] for line in lines.body.splitlines()]
    cases.same("pages hold what NDJSON has", all_ids, ids)
    cases.true("each once", len(set(ids)) == len(ids) > 100)
    table = list(csv.DictReader(io.StringIO(server.get(CHECKS, Accept="text/csv").body.decode())))
    cases.same("CSV has the same", all_ids, [row["id"] for row in table])
    cursor = server.get(CHECKS + "?limit=2&prefix=mail").json()["next_cursor"]
    cases.same("a cursor with its filters", 200,
               server.get(f"{CHECKS}?limit=5&prefix=mail&cursor={cursor}").status)
    for name, query in (("of other filters", f"prefix=dns&cursor={cursor}"),
                        ("without them", f"cursor={cursor}"),
                        ("that is cut", f"prefix=mail&cursor={cursor[:-2]}"),
                        ("that is made up", "cursor=abcdef")):
        answer = server.get(f"{CHECKS}?{query}")
        is_problem(f"a cursor {name}", answer, 422, "validation")
        cases.same(f"a cursor {name}: place", [("cursor", "cursor")], answer.errors())
    for query, wrong in (("limit=0", [("limit", "range")]), ("limit=x", [("limit", "type")]),
                         ("limit=5&limit=5", [("limit", "repeated")]), ("lmit=5", [("lmit", "unknown")]),
                         ("min_severity=bad&limit=2000", [("min_severity", "choice"), ("limit", "range")])):
        answer = server.get(f"{CHECKS}?{query}")
        is_problem(query, answer, 422, "validation")
        cases.same(f"{query}: places", wrong, answer.errors())
    cases.same("one check", "mail.spf.present", server.get(CHECKS + "/mail.spf.present").json()["id"])
    is_problem("no such check", server.get(CHECKS + "/no.such"), 404, "not-found")


def reuse(server):
    """One connection for many requests, refused ones among them."""
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    statuses = [server.ask(method, path, body, connection=connection).status
                for method, path, body in (("GET", "/healthz", None), ("POST", CHECKS, "x" * 100000),
                                           ("GET", CHECKS, None), ("DELETE", "/nothing", "{}"),
                                           ("GET", "/healthz", None))]
    cases.same("statuses on one connection", [200, 405, 200, 404, 200], statuses)
    connection.close()


def operations(server):
    cases.same("healthz", {"status": "ok"}, {"status": server.get("/healthz").json()["status"]})
    ready = server.get("/readyz")
    cases.same("readyz", (200, True, [("serving", True), ("store", True), ("queue", True), ("workers", False)]),
               (ready.status, ready.json()["ready"], [(p["name"], p["ready"]) for p in ready.json()["parts"]]))
    shown = subprocess.run(["promtool", "check", "metrics"], input=server.get("/metrics").body,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    cases.same("promtool likes /metrics", (0, b""), (shown.returncode, shown.stdout))
    counted = server.get("/metrics").body.decode()
    cases.true("each route is counted by its name", 'dss_api_route_requests_total{route="docs_style"}' in counted and
               'route="other"' not in counted)
    docs = server.get("/docs").body.decode()
    spec = server.get("/openapi.json").json()
    for path, methods in spec["paths"].items():
        cases.true(f"{path} stands in /docs", path in docs)
        for method, operation in methods.items():
            cases.true(f"{operation['operationId']} has an anchor", f'id="{operation["operationId"]}"' in docs)
    cases.true("/docs needs no script", "<script" not in docs)


def rates():
    with Server("--request-rate", "1", "--request-burst", "5") as server:
        answers = [server.get(CHECKS + "?limit=1") for _ in range(7)]
        cases.same("five at once", [200] * 5, [a.status for a in answers[:5]])
        is_problem("the seventh", answers[6], 429, "rate")
        cases.same("Retry-After", "1", answers[6].header("Retry-After"))
        cases.same("RateLimit-Policy", '"default";q=5;w=5', answers[0].header("RateLimit-Policy"))
        cases.same("RateLimit", '"default";r=4;t=1', answers[0].header("RateLimit"))
        cases.same("probes are not limited", [200] * 20,
                   [server.get("/healthz").status for _ in range(20)])
    cases.true("ended well", not server.is_broken)


def refused(name, code, text, *flags):
    data = tempfile.mkdtemp(prefix="dss-api.")
    done = subprocess.run([DSS, "api", "--data", data, *flags], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    cases.same(f"{name}: exit code", code, done.returncode)
    cases.true(f"{name}: says why", text in done.stdout.decode(), done.stdout.decode())
    shutil.rmtree(data)


def listening():
    refused("all addresses", 2, "no loopback address", "--listen", "0.0.0.0:80")
    refused("a public address", 2, "--behind-proxy", "--listen", "[2001:db8::1]:80")
    refused("half of TLS", 2, "go together", "--tls-certificate", "/dev/null")
    refused("an empty certificate", 2, "holds nothing", "--tls-certificate", "/dev/null", "--tls-key",
            "/dev/null")
    refused("a certificate that is none", 2, "PEM", "--listen", f"127.0.0.1:{free_port()}",
            "--tls-certificate", __file__, "--tls-key", __file__)
    refused("no such file", 2, "/no/such", "--tls-certificate", "/no/such", "--tls-key", "/no/such")
    with Server() as server:
        refused("a port in use", 5, "is another dss serving", "--listen",
                f"127.0.0.1:{server.address[1]}")
    with Server("--behind-proxy", listen="0.0.0.0") as server:
        server.address = ("127.0.0.1", server.address[1])
        server.get(CHECKS, X_Forwarded_For="198.51.100.7, 192.0.2.9", X_Request_Id="proxied")
        time.sleep(0.2)
        seen = [line["from"] for line in server.lines() if line.get("request_id") == "proxied"]
        cases.same("the address that the proxy saw", ["192.0.2.9"], seen)
    with Server() as server:
        server.get(CHECKS, X_Forwarded_For="192.0.2.9", X_Request_Id="direct")
        time.sleep(0.2)
        seen = [line["from"] for line in server.lines() if line.get("request_id") == "direct"]
        cases.same("without a proxy nobody is believed", ["127.0.0.1"], seen)


def unix_socket():
    folder = tempfile.mkdtemp(prefix="dss-api.")
    path = os.path.join(folder, "api.sock")
    for turn in ("a new one", "again"):
        with Server(listen=f"unix:{path}", data=folder) as server:
            cases.same(f"unix socket, {turn}: mode", 0o660, os.stat(path).st_mode & 0o777)
            with socket.socket(socket.AF_UNIX) as stream:
                stream.connect(path)
                stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                cases.true(f"unix socket, {turn}", stream.recv(65536).startswith(b"HTTP/1.1 200"))
        cases.true(f"unix socket, {turn}: gone", not os.path.exists(path))
    shutil.rmtree(folder)


def tls():
    folder = tempfile.mkdtemp(prefix="dss-api.")
    key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Server("--tls-certificate", certificate, "--tls-key", key, listen="0.0.0.0") as server:
        import ssl
        connection = http.client.HTTPSConnection("127.0.0.1", server.address[1], timeout=20,
                                                 context=ssl.create_default_context(cafile=certificate))
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        cases.same("TLS", (200, True), (answer.status, "Strict-Transport-Security" in answer.headers))
        connection.close()
        cases.true("TLS: its log does not hold the key", "PRIVATE" not in open(server.log_path).read())
    cases.true("TLS ended well", not server.is_broken)
    shutil.rmtree(folder)


def draining():
    with Server() as server:
        idle = server.connect()
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        idle.recv(65536)
        server.process.send_signal(signal.SIGTERM)
        cases.same("SIGTERM with an idle connection", 0, server.process.wait(10))
        idle.close()
    cases.true("ended well", not server.is_broken)


with Server("--request-rate", "0") as server:
    for part in (routing, headers, negotiation, pages, reuse, operations):
        part(server)
cases.true("the server ended well", not server.is_broken)
for part in (rates, listening, unix_socket, tls, draining):
    part()
sys.exit(cases.end())
