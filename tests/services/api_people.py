# SPDX-License-Identifier: Apache-2.0
"""Who may do what, and what they are told as it happens: keys, people, workspaces, streams of events."""
import http.client
import json
import re
import sys
import threading
import time

from server import Cases, Server

cases = Cases()
is_problem = cases.is_problem
V1 = "/api/v1"


def keys(server):
    url = V1 + "/keys"
    answer = server.ask("POST", url, {"name": "ci", "role": "viewer", "scopes": ["domains:read"]})
    cases.same("make a key", 201, answer.status)
    made = answer.json()
    cases.true("its shape", re.fullmatch("dss_[0-9A-Za-z]{43}", made["secret"]))
    cases.same("it works", 200, server.get(V1 + "/domains", Authorization="Bearer " + made["secret"]).status)
    is_problem("it may no more", server.get(V1 + "/keys", Authorization="Bearer " + made["secret"]), 403, "forbidden")
    listed = server.get(url).json()["items"]
    cases.true("listed without secrets", all("secret" not in key for key in listed) and
               made["id"] in [key["id"] for key in listed])
    cases.same("one", made["prefix"], server.get(f"{url}/{made['id']}").json()["prefix"])
    is_problem("a bad scope", server.ask("POST", url, {"name": "x", "scopes": ["domains:fly"]}), 422, "validation")
    is_problem("no such key", server.get(url + "/key_01h455vb4pex5vsknk084sn02q"), 404, "not-found")
    is_problem("no id", server.get(url + "/x"), 404, "not-found")
    cases.same("revoke", 204, server.ask("DELETE", f"{url}/{made['id']}").status)
    is_problem("it is over", server.get(V1 + "/domains", Authorization="Bearer " + made["secret"]), 401,
               "unauthenticated")
    is_problem("revoke again", server.ask("DELETE", f"{url}/{made['id']}"), 409, "conflict")


def people(server):
    url = V1 + "/users"
    answer = server.ask("POST", url, {"name": "Ann@example.com", "role": "operator", "password": "correct horse"})
    cases.same("add a person", 201, answer.status)
    ann = answer.json()
    cases.true("no password comes back", "correct" not in answer.body.decode() and ann["has_password"])
    is_problem("a short password", server.ask("POST", url, {"name": "b", "password": "secret1"}), 422, "validation")
    cases.true("it is not shown back", b"secret1" not in
               server.ask("POST", url, {"name": "b", "password": "secret1"}).body)
    is_problem("the same name", server.ask("POST", url, {"name": ann["name"]}), 409, "exists")
    cases.same("by id", ann["name"], server.get(f"{url}/{ann['id']}").json()["name"])
    login = server.ask("POST", V1 + "/session", {"name": ann["name"], "password": "correct horse"},
                       Authorization=None)
    cases.same("log in", 201, login.status)
    cookie = login.header("Set-Cookie")
    cases.true("the cookie", re.fullmatch(r"dss_session=[0-9A-Za-z]{43}; Path=/; HttpOnly; SameSite=Strict", cookie),
               cookie)
    mine = {"Cookie": cookie.split(";")[0], "Authorization": None}
    csrf = {**mine, "X-CSRF-Token": login.json()["csrf"]}
    server.token, token = None, server.token
    cases.same("who am I", ann["name"], server.get(V1 + "/session", **mine).json()["name"])
    cases.same("read", 200, server.get(V1 + "/domains", **mine).status)
    is_problem("write without CSRF token", server.ask("POST", V1 + "/domains", {"name": "x.example"}, mine), 403,
               "forbidden")
    is_problem("a wrong CSRF token", server.ask("POST", V1 + "/domains", {"name": "x.example"},
               {**mine, "X-CSRF-Token": "x"}), 403, "forbidden")
    cases.same("write with it", 201, server.ask("POST", V1 + "/domains", {"name": "x.example"}, csrf).status)
    is_problem("an operator makes no people", server.ask("POST", url, {"name": "c"}, csrf), 403, "forbidden")
    cases.same("log out", 204, server.ask("DELETE", V1 + "/session", headers=csrf).status)
    is_problem("it is over", server.get(V1 + "/session", **mine), 401, "unauthenticated")
    is_problem("a wrong password", server.ask("POST", V1 + "/session", {"name": ann["name"], "password": "x"}), 401,
               "unauthenticated")
    is_problem("nobody", server.ask("POST", V1 + "/session", {"name": "nobody", "password": "x"}), 401,
               "unauthenticated")
    crowd = [threading.Thread(target=lambda: statuses.append(server.ask("POST", V1 + "/session", {
        "name": "nobody", "password": "x"}).status)) for _ in range(8)]
    statuses = []
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    cases.true("a crowd of logins", set(statuses) <= {401, 429} and 401 in statuses, statuses)
    is_problem("neither", server.ask("POST", V1 + "/session", {"name": "a"}), 422, "validation")
    link = server.ask("POST", V1 + "/session", {"link": server.secrets["link"]})
    cases.same("a one-time link", (201, "admin"), (link.status, link.json().get("role")))
    is_problem("works once", server.ask("POST", V1 + "/session", {"link": server.secrets["link"]}), 401,
               "unauthenticated")
    server.token = token
    is_problem("a key has no session", server.get(V1 + "/session"), 403, "forbidden")
    tag = server.get(f"{url}/{ann['id']}").header("ETag")
    answer = server.ask("PATCH", f"{url}/{ann['id']}", {"disabled": True}, If_Match=tag)
    cases.same("lock out", (200, True), (answer.status, answer.json().get("disabled")))
    is_problem("locked out", server.ask("POST", V1 + "/session", {"name": ann["name"], "password": "correct horse"}),
               401, "unauthenticated")
    cases.same("remove", 204, server.ask("DELETE", f"{url}/{ann['id']}").status)
    is_problem("the last admin stays", server.ask("DELETE", url + "/admin"), 409, "conflict")


def workspaces(server):
    url = V1 + "/workspaces"
    cases.same("those that are there", {"default", "other"},
               {w["name"] for w in server.get(url).json()["items"]})
    answer = server.ask("POST", url, {"name": "third", "max_domains": 1})
    cases.same("make one", (201, 1), (answer.status, answer.json()["quotas"]["max_domains"]))
    inside = {"Dss-Workspace": "third"}
    cases.same("work inside", 201, server.ask("POST", V1 + "/domains", {"name": "in.example"}, inside).status)
    answer = server.ask("POST", V1 + "/domains", {"name": "in2.example"}, inside)
    is_problem("over its quota", answer, 429, "quota")
    cases.true("Retry-After", int(answer.header("Retry-After")) > 0)
    is_problem("not from outside", server.get(V1 + "/domains/in.example"), 404, "not-found")
    is_problem("not empty", server.ask("DELETE", url + "/third"), 409, "conflict")
    is_problem("no such workspace", server.get(V1 + "/domains", Dss_Workspace="none"), 404, "not-found")
    other = {"Authorization": "Bearer " + server.secrets["other"]}
    cases.same("others see their own", ["other"], [w["name"] for w in server.get(url, **other).json()["items"]])
    cases.true("others may not enter", server.get(V1 + "/domains", **other, **inside).status in (403, 404))
    tag = server.get(url + "/third").header("ETag")
    answer = server.ask("PATCH", url + "/third", {"max_domains": 5}, If_Match=tag)
    cases.same("change", (200, 5), (answer.status, answer.json()["quotas"]["max_domains"]))
    fourth = server.ask("POST", url, {"name": "fourth", "max_requests_per_minute": 3})
    cases.same("a quota of requests", 201, fourth.status)
    statuses = [server.get(V1 + "/domains", Dss_Workspace="fourth").status for _ in range(5)]
    cases.same("three requests a minute", [200, 200, 200, 429, 429], statuses)
    cases.same("elsewhere there is none", 200, server.get(V1 + "/domains").status)
    trail = server.get(V1 + "/audit?limit=1000").json()["items"]
    cases.true("the audit trail", {"workspace.create", "domain.create"} & {row["action"] for row in trail} and
               all(len(row["hash"]) == 64 for row in trail), sorted({row["action"] for row in trail}))


def read_events(stream, count, seconds):
    """(id, type, data) of so many events of a stream."""
    got, fields, until = [], {}, time.monotonic() + seconds
    while len(got) < count and time.monotonic() < until:
        line = stream.readline().decode().rstrip("\n")
        if not line and "data" in fields:
            got.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
            fields = {}
        elif ": " in line and not line.startswith(":"):
            name, value = line.split(": ", 1)
            fields[name] = value
    return got


def open_stream(server, query="", **headers):
    connection = http.client.HTTPConnection(*server.address, timeout=20)
    connection.request("GET", V1 + "/events" + query, headers={
        "Accept": "text/event-stream", "Authorization": "Bearer " + server.token, "Accept-Encoding": "gzip",
        **headers})
    return connection, connection.getresponse()


def events(server):
    connection, stream = open_stream(server)
    cases.same("a stream", (200, "text/event-stream", "no", None),
               (stream.status, stream.headers["Content-Type"], stream.headers["X-Accel-Buffering"],
                stream.headers["Content-Encoding"]))
    begun = time.monotonic()
    server.ask("POST", V1 + "/domains", {"name": "live1.example"})
    server.ask("POST", V1 + "/domains", {"name": "live2.example"}, {"traceparent":
               "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    got = read_events(stream, 2, 10)
    cases.same("what happens comes", [("domain.created", "live1.example"), ("domain.created", "live2.example")],
               [(kind, data["subject"]) for _, kind, data in got])
    cases.true("before a keep-alive would have come", time.monotonic() - begun < 14)
    cases.true("a CloudEvent", got[0][2]["specversion"] == "1.0" and
               got[0][2]["type"] == "dev.dss.domain.created.v1" and got[0][2]["id"].startswith("evt_"))
    cases.true("with the trace", "0af7651916cd43dd8448eb211c80319c" in got[1][2].get("traceparent", ""), got[1])
    connection.close()
    server.ask("POST", V1 + "/domains", {"name": "live3.example"})
    connection, stream = open_stream(server, **{"Last-Event-ID": str(got[0][0])})
    again = read_events(stream, 2, 10)
    cases.same("it goes on behind Last-Event-ID", ["live2.example", "live3.example"],
               [data["subject"] for _, _, data in again])
    connection.close()
    connection, stream = open_stream(server, "?type=domain.deleted")
    server.ask("DELETE", V1 + "/domains/live1.example")
    cases.same("filtered", ["domain.deleted"], [kind for _, kind, _ in read_events(stream, 1, 10)])
    connection.close()
    page = server.get(f"{V1}/events?after={got[0][0]}&limit=2").json()
    cases.same("a page", ["live2.example", "live3.example"], [item["subject"] for item in page["items"]])
    cases.same("a page: last", page["items"][-1]["sequence"], page["last"])
    is_problem("a bad Last-Event-ID", server.get(V1 + "/events", Last_Event_ID="x"), 422, "validation",
               [("Last-Event-ID", "type")])
    is_problem("another's events", server.get(V1 + "/events", Authorization="Bearer " + server.secrets["revoked"]),
               401, "unauthenticated")
    many = [open_stream(server) for _ in range(50)]
    server.ask("POST", V1 + "/domains", {"name": "live4.example"})
    heard = [len(read_events(stream, 1, 10)) for _, stream in many]
    cases.same("fifty listeners hear it", [1] * 50, heard)
    return many


with Server("--request-rate", "0") as server:
    for part in (keys, people, workspaces):
        part(server)
    listeners = events(server)
    begun = time.monotonic()
cases.true("it drains although fifty listen", time.monotonic() - begun < 18)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
