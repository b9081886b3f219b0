# SPDX-License-Identifier: Apache-2.0
"""API, scheduler, worker and scanners on one data folder: what is asked for over REST is scanned, and what
was found comes back over REST. Runs inside the fake internet (api_scans.sh)."""
import http.client
import json
import os
import subprocess
import sys
import time

from server import DSS, Cases, Server

cases = Cases()
V1 = "/api/v1"
BROKEN = "spf-nested-lookups.com"
ROLES = (("scheduler",), ("worker", "--concurrency", "1"))


class Role:
    """dss scheduler or dss worker beside the server, until the end."""

    def __init__(self, server, words):
        self.log = open(os.path.join(server.data, words[0] + ".log"), "w+b")
        self.process = subprocess.Popen([DSS, *words, "-c", "/dev/null", "--data", server.data, "--log-level",
                                         "info"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def end(self):
        self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log.seek(0)
        text = self.log.read().decode(errors="replace")
        cases.same(f"{self.process.args[1]} ended well", (0, False), (code, "Sanitizer" in text)) or print(text[-3000:])
        self.log.close()


def finished(server, scan, seconds=90):
    """The scan, when it has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = server.get(f"{V1}/scans/{scan}", Prefer="wait=20").json()
        if answer["state"] not in ("queued", "running"):
            return answer
    return answer


def scanning(server):
    begun = time.monotonic()
    answer = server.ask("POST", V1 + "/scans", {"name": BROKEN, "profile": "dns"}, {"Prefer": "wait=60"})
    scan = answer.json() if answer.status == 200 else finished(server, answer.json()["id"])
    cases.same("it is done", ("done", BROKEN), (scan["state"], scan["domain"]))
    cases.true("with grade, score, areas and version", scan["grade"] in "ABCDEF" and 0 <= scan["score"] <= 100 and
               scan["areas"] and scan["algorithm"] and scan["started_at"] <= scan["ended_at"], scan)
    cases.same("Prefer: wait answered when it was", 200, answer.status)
    seen = server.ask("POST", V1 + "/domains/validate", {"names": [BROKEN, "never.example"]}).json()["names"]
    cases.same("its delegation is known from its scan", ["delegated", "unknown"], [v["delegation"] for v in seen])
    cases.same("a header names the version that judged", scan["algorithm"],
               server.get(f"{V1}/scans/{scan['id']}").header("Dss-Algorithm"))
    print(f"# a scan through API, scheduler, queue and worker: {time.monotonic() - begun:.1f} s", flush=True)
    domain = server.get(f"{V1}/domains/{BROKEN}")
    cases.same("the domain shows it", (scan["id"], scan["grade"], scan["score"]),
               tuple(domain.json()[key] for key in ("scan", "grade", "score")))
    results = [json.loads(line) for line in server.get(
        f"{V1}/scans/{scan['id']}/results", Accept="application/x-ndjson").body.splitlines()]
    failed = {r["check"] for r in results if r["verdict"] == "fail"}
    cases.true("results", len(results) > 50 and "mail.spf.lookup-limit" in failed, sorted(failed))
    only = server.get(f"{V1}/scans/{scan['id']}/results?verdict=fail&limit=1000").json()["items"]
    cases.same("results of one verdict", failed, {r["check"] for r in only})
    cases.true("each has its findings", all(r["findings"] and r["findings"][0]["text"] for r in only))
    limit = next(r for r in only if r["check"] == "mail.spf.lookup-limit")["findings"][0]
    cases.true("with the evidence in words", f"dns {BROKEN} TXT" in limit.get("evidence", []), limit)
    seen, path = [], f"{V1}/scans/{scan['id']}/results?limit=7"
    while path:
        answer = server.get(path)
        seen += [r["check"] for r in answer.json()["items"]]
        path = answer.header("Link") and answer.header("Link")[1:].split(">")[0]
    cases.same("results by pages", [r["check"] for r in results], seen)
    return scan, failed


def findings(server, failed):
    url = V1 + "/findings"
    listed = server.get(f"{url}?domain={BROKEN}&limit=1000").json()["items"]
    cases.same("a finding for each failed check", failed, {f["check"] for f in listed})
    order = ["critical", "high", "medium", "low", "info"]
    cases.true("worst first", [order.index(f["severity"]) for f in listed] ==
               sorted(order.index(f["severity"]) for f in listed))
    groups = {g["check"]: g for g in server.get(url + "/groups").json()["items"]}
    cases.same("groups", failed, set(groups))
    cases.true("stats count them", sum(server.get(V1 + "/stats").json()["open"].values()) == len(listed))
    one = next(f for f in listed if f["check"] == "mail.spf.lookup-limit")
    got = server.get(f"{url}/{one['id']}")
    cases.same("one", one, got.json())
    tag = got.header("ETag")
    decided = server.ask("PATCH", f"{url}/{one['id']}", {"status": "accepted", "reason": "the CMS", "until":
                         "2099-01-01"}, If_Match=tag)
    cases.same("accept", (200, "accepted", "the CMS", "2099-01-01T00:00:00Z"),
               (decided.status, *(decided.json().get(k) for k in ("status", "reason", "until"))))
    cases.same("the old version", 412, server.ask("PATCH", f"{url}/{one['id']}", {"status": "open"},
                                                  If_Match=tag).status)
    cases.same("filtered", [one["id"]], [f["id"] for f in server.get(url + "?status=accepted").json()["items"]])
    cases.same("by check", {one["id"]}, {f["id"] for f in server.get(url + "?check=mail.spf.lookup-limit").json()["items"]})
    cases.same("reopen", "open", server.ask("PATCH", f"{url}/{one['id']}", {"status": "open"}).json()["status"])
    table = server.get(url, Accept="text/csv").body.decode().splitlines()
    cases.same("CSV", len(listed) + 1, len([line for line in table if line.startswith(("id,", "fnd_"))]))
    begun = time.monotonic()
    recheck = server.ask("POST", f"{url}/{one['id']}/recheck")
    cases.same("recheck", (202, "mail.spf.lookup-limit"), (recheck.status, recheck.json().get("recheck")))
    again = finished(server, recheck.json()["id"])
    cases.same("the recheck is done", "done", again["state"])
    print(f"# a recheck of one finding: {time.monotonic() - begun:.1f} s", flush=True)
    cases.same("it is still there", "open", server.get(f"{url}/{one['id']}").json()["status"])
    other = {"Authorization": "Bearer " + server.secrets["other"]}
    for method, path, body in (("GET", "", None), ("PATCH", "", {"status": "open"}), ("POST", "/recheck", None)):
        cases.same(f"{method} {path} by another workspace", 404,
                   server.ask(method, f"{url}/{one['id']}{path}", body, other).status)
    viewer = {"Authorization": "Bearer " + server.secrets["viewer"]}
    cases.same("a viewer decides nothing", 403,
               server.ask("PATCH", f"{url}/{one['id']}", {"status": "open"}, viewer).status)


MEDIA = {"application/json": b'{"scans":[', "text/html": b"<!doctype html>", "text/markdown": b"## ",
         "text/csv": b"domain,state,", "application/sarif+json": b'{"version":"2.1.0"',
         "application/x-ndjson": b'{"domain":', "text/plain": BROKEN.encode()}


def reports(server, scan):
    url = f"{V1}/domains/{BROKEN}/report"
    for media, begin in MEDIA.items():
        one, many = server.get(url, Accept=media), server.get(V1 + "/reports", Accept=media)
        for name, answer in (("one", one), ("many", many)):
            cases.same(f"{name} as {media}", (200, media), (answer.status, answer.header("Content-Type").split(";")[0]))
            cases.true(f"{name} as {media}: begins right", answer.body.startswith(begin), answer.body[:80])
            cases.true(f"{name} as {media}: tells the finding", b"mail.spf.lookup-limit" in answer.body)
        cases.same(f"of one domain both are the same: {media}", one.body, many.body)
    told = server.get(url).json()["scans"][0]
    cases.same("grade and score as stored", (scan["grade"], scan["score"]), (told["grade"], told["score"]))
    cases.true("with evidence from the stored facts", any("evidence" in f for f in told["findings"]), told["findings"][:1])
    cases.true("styles may stand in the page", "style-src 'unsafe-inline'" in
               server.get(url, Accept="text/html").header("Content-Security-Policy"))
    cases.same("a format without a media type", 200, server.get(url + "?format=defectdojo").status)
    cases.true("defectdojo", server.get(url + "?format=defectdojo").json()["findings"])
    cases.same("ETag", 304, server.get(url, **{"If-None-Match": server.get(url).header("ETag")}).status)
    cases.same("none acceptable", 406, server.get(url, Accept="image/png").status)
    cases.same("of another domain's scan", 404,
               server.get(f"{V1}/domains/spf-missing.example/report?scan={scan['id']}").status)
    cases.same("of a filter that nothing fits", [], server.get(V1 + "/reports?tag=nothing").json()["scans"])


def past(server, scan):
    url = f"{V1}/domains/{BROKEN}"
    history = server.get(url + "/history").json()["items"]
    cases.same("history: whole scans only", [scan["id"]], [s["id"] for s in history])
    seen = [json.loads(line) for line in server.get(url + "/observations", Accept="application/x-ndjson")
            .body.splitlines()]
    keys = [o["question"] for o in seen]
    cases.true("observations", f"dns {BROKEN} TXT" in keys, keys[:20])
    cases.true("each with its fact", all(o["fact"] for o in seen))
    cases.same("observations of a kind", {"dns"}, {o["question"].split(" ")[0] for o in
               server.get(url + "/observations?kind=dns&limit=1000").json()["items"]})
    pages, path = [], url + "/observations?limit=5"
    while path:
        answer = server.get(path)
        pages += [o["question"] for o in answer.json()["items"]]
        path = answer.header("Link") and answer.header("Link")[1:].split(">")[0]
    cases.same("observations by pages", keys, pages)
    cases.same("of another domain's scan", 404, server.get(
        f"{V1}/domains/spf-missing.example/observations?scan={scan['id']}").status)
    cases.same("the first scan is a silent baseline", [], server.get(url + "/changes").json()["items"])
    second = server.ask("POST", V1 + "/scans", {"name": BROKEN, "profile": "dns"}).json()
    finished(server, second["id"])
    cases.same("a rescan of what is the same changes nothing", [], server.get(V1 + "/changes").json()["items"])
    cases.same("history has both", [second["id"], scan["id"]],
               [s["id"] for s in server.get(url + "/history").json()["items"]])
    cases.same("expiry", 200, server.get(V1 + "/expiry").status)
    calendar = server.get(V1 + "/expiry", Accept="text/calendar").body.decode()
    cases.true("lines of the calendar are short", all(len(line.encode()) <= 75 for line in calendar.split("\r\n")))


def live(server):
    """A listener hears what a scan does, in order."""
    connection = http.client.HTTPConnection(*server.address, timeout=60)
    connection.request("GET", V1 + "/events?type=scan.", headers={
        "Accept": "text/event-stream", "Authorization": "Bearer " + server.token})
    stream = connection.getresponse()
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    server.ask("POST", V1 + "/scans", {"name": BROKEN, "profile": "dns"}, trace)
    heard, until = [], time.monotonic() + 60
    while len(heard) < 3 and time.monotonic() < until:
        line = stream.readline().decode()
        if line.startswith("data: "):
            heard.append(json.loads(line[6:]))
    connection.close()
    cases.same("requested, started, completed", ["requested", "started", "completed"],
               [event["type"].split(".")[3] for event in heard])
    cases.same("all of one trace", {"0af7651916cd43dd8448eb211c80319c"},
               {event.get("traceparent", "")[3:35] for event in heard})
    newest = server.get(V1 + "/events?limit=1000").json()["last"]
    batch = server.ask("POST", V1 + "/batches", {"names": [BROKEN], "profile": "dns"}, trace).json()
    until = time.monotonic() + 30
    while (state := server.get(f"{V1}/batches/{batch['id']}").json())["state"] != "done" and time.monotonic() < until:
        time.sleep(0.2)
    cases.same("the batch is done", ("done", 1, 1), (state["state"], state["total"], state["done"]))
    told = server.get(f"{V1}/events?after={newest}").json()["items"]
    cases.same("what a batch tells", ["batch.created", "scan.completed", "batch.completed"],
               [".".join(event["type"].split(".")[2:4]) for event in told])
    cases.same("all of its trace", {"0af7651916cd43dd8448eb211c80319c"},
               {event.get("traceparent", "")[3:35] for event in told[:2]})
    scans = server.get(f"{V1}/scans?batch={batch['id']}").json()["items"]
    cases.same("its scans", [BROKEN], [s["domain"] for s in scans])
    ready = server.get("/readyz").json()
    cases.true("readyz knows the worker", {"name": "workers", "ready": True} in ready["parts"], ready)
    queue = server.get(V1 + "/queue").json()
    cases.true("the queue knows it too", len(queue["workers"]) == 1 and queue["capacity"] > 0, queue)
    shown = server.get("/metrics").body.decode()
    cases.true("metrics too", "dss_worker_capacity" in shown and 'dss_domains{workspace="default"} 1' in shown)


with Server("--request-rate", "0") as server:
    roles = [Role(server, words) for words in ROLES]
    try:
        made, wrong = scanning(server)
        findings(server, wrong)
        reports(server, made)
        past(server, made)
        live(server)
    finally:
        for role in roles:
            role.end()
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
