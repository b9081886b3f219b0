# SPDX-License-Identifier: Apache-2.0
"""What is done with domains: scans, batches, schedules, policies, the queue. What goes well, and each
class of error with its place."""
import sys
import threading
import time

from server import Cases, Server

cases = Cases()
is_problem = cases.is_problem
V1 = "/api/v1"


def scans(server):
    url = V1 + "/scans"
    answer = server.ask("POST", url, {"name": "Scan1.example", "profile": "dns"})
    made = answer.json()
    cases.same("ask", (202, "queued", "scan1.example", "dns", "high"),
               (answer.status, made["state"], made["domain"], made["profile"], made["priority"]))
    cases.same("ask: Location", f"{url}/{made['id']}", answer.header("Location"))
    cases.true("ask: Retry-After", int(answer.header("Retry-After")) > 0)
    cases.same("get", (200, made["id"]), (lambda a: (a.status, a.json()["id"]))(server.get(f"{url}/{made['id']}")))
    again = server.ask("POST", url, {"name": "scan1.example"})
    cases.same("under way already", (200, made["id"]), (again.status, again.json()["id"]))
    cases.same("the domain was added", 200, server.get(V1 + "/domains/scan1.example").status)
    key = {"Idempotency-Key": "abc-1"}
    first = server.ask("POST", url, {"name": "scan2.example", "fresh": True}, key)
    second = server.ask("POST", url, {"name": "scan2.example", "fresh": True}, key)
    cases.same("the same key gives the same answer", (first.status, first.body, first.header("Location"), "true"),
               (second.status, second.body, second.header("Location"), second.header("Idempotency-Replayed")))
    is_problem("the same key, another request", server.ask("POST", url, {"name": "scan3.example"}, key), 422,
               "validation", [("Idempotency-Key", "used")])
    for body, errors in (({"name": "bad..name"}, [("#/name", "domain.syntax")]),
                         ({"name": "a.example", "profile": "all"}, [("#/profile", "choice")]),
                         ({"name": "a.example", "priority": 1}, [("#/priority", "type")]),
                         ({"name": "a.example", "recheck": "mail.sp"}, [("#/recheck", "unknown")]), ({}, [("#/name", "required")])):
        is_problem(f"ask {body}", server.ask("POST", url, body), 422, "validation", errors)
    listed = server.get(url + "?state=open").json()["items"]
    cases.same("newest first", ["scan2.example", "scan1.example"], [scan["domain"] for scan in listed])
    cases.same("of a domain", [made["id"]],
               [scan["id"] for scan in server.get(url + "?domain=SCAN1.example").json()["items"]])
    cases.same("no results yet", [], server.get(f"{url}/{made['id']}/results").json()["items"])
    begun = time.monotonic()
    waited = server.ask("POST", url, {"name": "scan1.example"}, {"Prefer": "wait=1"})
    cases.same("Prefer: wait runs out", (202, "wait=1", "queued"),
               (waited.status, waited.header("Preference-Applied"), waited.json()["state"]))
    cases.true("not before", time.monotonic() - begun > 0.9)
    timer = threading.Timer(0.5, lambda: server.ask("DELETE", f"{url}/{made['id']}"))
    timer.start()
    begun = time.monotonic()
    waited = server.get(f"{url}/{made['id']}", Prefer="wait=60")
    cases.same("Prefer: wait ends with the scan", (200, "cancelled"), (waited.status, waited.json()["state"]))
    cases.true("and not at the end of the wait", time.monotonic() - begun < 45)
    timer.join()
    queued = server.ask("POST", url, {"name": "scan4.example"}).json()["id"]
    timer = threading.Timer(0.5, lambda: server.ask("DELETE", f"{url}/{queued}"))
    timer.start()
    begun = time.monotonic()
    cases.same("results follow to the end", (200, b""), (lambda a: (a.status, a.body))(
        server.get(f"{url}/{queued}/results?follow=true", Accept="application/x-ndjson")))
    cases.true("and no longer", 0.4 < time.monotonic() - begun < 120)
    timer.join()
    is_problem("cancel again", server.ask("DELETE", f"{url}/{made['id']}"), 409, "conflict")
    is_problem("no such scan", server.get(url + "/scn_01h455vb4pex5vsknk084sn02q"), 404, "not-found")
    is_problem("no id", server.get(url + "/17"), 404, "not-found")
    other = "Bearer " + server.secrets["other"]
    is_problem("another workspace", server.get(f"{url}/{made['id']}", Authorization=other), 404, "not-found")


def batches(server):
    url = V1 + "/batches"
    answer = server.ask("POST", url, {"names": ["b1.example", "B2.example"], "profile": "dns"})
    made = answer.json()
    cases.same("a batch", (202, f"{url}/{made['id']}", "expanding", "api", "bulk", "dns"),
               (answer.status, answer.header("Location"), made["state"], made["cause"], made["priority"],
                made["profile"]))
    cases.same("get", made["id"], server.get(f"{url}/{made['id']}").json()["id"])
    chosen = server.ask("POST", url, {"selector": "tag:listed", "priority": "normal"},
                        {"Idempotency-Key": "batch-1"})
    again = server.ask("POST", url, {"selector": "tag:listed", "priority": "normal"},
                       {"Idempotency-Key": "batch-1"})
    cases.same("by selector, once", (202, "tag:listed", chosen.body),
               (chosen.status, chosen.json()["selector"], again.body))
    cases.same("newest first", [chosen.json()["id"], made["id"]],
               [batch["id"] for batch in server.get(url).json()["items"]][:2])
    for body, errors in (({}, None), ({"names": []}, None), ({"names": ["a.example", "bad..name"]}, None),
                         ({"selector": "colour:red"}, None), ({"names": ["a.example"], "selector": "all"}, None),
                         ({"names": "a.example"}, [("#/names", "type")])):
        is_problem(f"a batch of {body}", server.ask("POST", url, body), 422, "validation", errors)
    bad = server.ask("POST", url, {"names": ["a.example", "bad..name"]}).errors()
    cases.same("which name", [("#/names/1", "domain.syntax")], bad)
    many = [f"m{i}.batch.example" for i in range(30000)]
    cases.same("30,000 names", 202, server.ask("POST", url, {"names": many}).status)
    cancelled = server.ask("DELETE", f"{url}/{made['id']}")
    cases.same("cancel", (202, "cancelled"), (cancelled.status, cancelled.json()["state"]))
    is_problem("cancel again", server.ask("DELETE", f"{url}/{made['id']}"), 409, "conflict")
    is_problem("no such batch", server.get(url + "/bat_01h455vb4pex5vsknk084sn02q"), 404, "not-found")


def histories(server):
    """Routes over what scans leave behind, before there was any; tests with workers see them filled."""
    server.ask("POST", V1 + "/domains", {"name": "new.example"})
    for path in ("/findings", "/changes", "/expiry", "/domains/new.example/changes", "/domains/new.example/history"):
        cases.same(f"{path} is empty", (200, {"items": []}), (lambda a: (a.status, a.json()))(server.get(V1 + path)))
    cases.same("groups are empty", {"items": []}, server.get(V1 + "/findings/groups").json())
    is_problem("nothing was seen yet", server.get(V1 + "/domains/new.example/observations"), 425, "too-early")
    for path in ("/domains/none.example/changes", "/domains/none.example/history", "/domains/none.example/observations",
                 "/findings/fnd_01h455vb4pex5vsknk084sn02q", "/findings/x", "/changes?domain=none.example"):
        is_problem(path, server.get(V1 + path), 404, "not-found")
    none = V1 + "/findings/fnd_01h455vb4pex5vsknk084sn02q"
    is_problem("decide on none", server.ask("PATCH", none, {"status": "accepted", "reason": "x"}), 404, "not-found")
    is_problem("a bad decision", server.ask("PATCH", none, {"status": "fixed"}), 422, "validation",
               [("#/status", "choice")])
    is_problem("no decision", server.ask("PATCH", none, {"reason": "x"}), 422, "validation", [("#/status", "required")])
    is_problem("recheck none", server.ask("POST", none + "/recheck"), 404, "not-found")
    is_problem("a bad time", server.get(V1 + "/changes?from=2026-02-30"), 422, "validation", [("from", "format")])
    calendar = server.get(V1 + "/expiry", Accept="text/calendar")
    cases.same("a calendar", (200, "text/calendar; charset=utf-8", True),
               (calendar.status, calendar.header("Content-Type"), calendar.body.startswith(b"BEGIN:VCALENDAR\r\n")))


def schedules(server):
    url = V1 + "/schedules"
    answer = server.ask("POST", url, {"name": "nightly", "cron": "30 2 * * *", "zone": "Europe/Berlin",
                                      "jitter_s": 3600, "selector": "tag:listed"})
    cases.same("make one", 201, answer.status)
    made = answer.json()
    cases.same("what it is", ("nightly", "30 2 * * *", "Europe/Berlin", 3600, "tag:listed", True, "once", "bulk"),
               tuple(made[k] for k in ("name", "cron", "zone", "jitter_s", "selector", "enabled", "missed", "priority")))
    cases.true("it is due", made["next_at"] > made["created_at"])
    cases.same("by name", made["id"], server.get(url + "/nightly").json()["id"])
    fires = server.get(url + "/nightly/upcoming").json()["items"]
    cases.true("the next five", len(fires) == 5 and fires[0]["due_at"] == made["next_at"] and
               all(fire["tick"][14:] == "30:00Z" for fire in fires), fires)
    is_problem("the same name", server.ask("POST", url, {"name": "nightly", "cron": "@daily"}), 409, "exists")
    for body, place in (({"name": "a", "cron": "61 * * * *"}, "#/cron"), ({"name": "a", "cron": "@daily", "zone": "Mars"},
                        "#/zone"), ({"name": "a", "cron": "@daily", "selector": "x:y"}, "#/selector"),
                        ({"name": "a", "cron": "@daily", "missed": "twice"}, "#/missed"), ({"name": "a"}, "#/cron"),
                        ({"name": "a", "cron": "@daily", "blackouts": "whenever"}, "#/blackouts")):
        bad = server.ask("POST", url, body)
        is_problem(f"a schedule {body}", bad, 422, "validation")
        cases.same(f"a schedule {body}: place", [place], [where for where, _ in bad.errors()])
    tag = server.get(url + "/nightly").header("ETag")
    paused = server.ask("PATCH", url + "/nightly", {"enabled": False}, If_Match=tag)
    cases.same("pause", (200, False, None), (paused.status, paused.json()["enabled"], paused.json().get("next_at")))
    is_problem("the old version", server.ask("PATCH", url + "/nightly", {"enabled": True}, If_Match=tag), 412,
               "precondition-failed")
    run = server.ask("POST", url + "/nightly/run")
    cases.same("run now", 202, run.status)
    batch = server.get(run.header("Location")).json()
    cases.same("it made a batch", (run.json()["batch"], "tag:listed", made["id"]),
               (batch["id"], batch["selector"], batch["schedule"]))
    cases.same("remove", 204, server.ask("DELETE", url + "/nightly").status)
    is_problem("it is gone", server.get(url + "/nightly"), 404, "not-found")


def policies(server):
    url = V1 + "/policies"
    rules = {"checks": {"mail.bimi": "off"}, "accept": [{"check": "caa", "reason": "none", "owner": "d", "until": "never"}]}
    answer = server.ask("POST", url, {"name": "corporate", "selector": "tag:listed", "rules": rules})
    cases.same("make one", 201, answer.status)
    made = answer.json()
    cases.same("what it is", ("corporate", "tag:listed", {"mail.bimi": "off"}, "caa"),
               (made["name"], made["selector"], made["rules"]["checks"], made["rules"]["accept"][0]["check"]))
    cases.same("by name", made["id"], server.get(url + "/corporate").json()["id"])
    is_problem("the same name", server.ask("POST", url, {"name": "corporate"}), 409, "exists")
    for rules, place in (({"checks": {"mail.spf.presnt": "off"}}, "#/rules/checks/mail.spf.presnt"),
                         ({"checks": {"caa": "hgih"}}, "#/rules/checks/caa"), ({"acept": []}, "#/rules/acept"),
                         ({"accept": [{"check": "caa", "reason": "x", "owner": "y", "until": "soon"}]},
                          "#/rules/accept/0/until")):
        bad = server.ask("POST", url, {"name": "a", "rules": rules})
        is_problem(f"rules {rules}", bad, 422, "validation")
        cases.same(f"rules {rules}: place", [place], [where for where, _ in bad.errors()])
    tag = server.get(url + "/corporate").header("ETag")
    changed = server.ask("PATCH", url + "/corporate", {"rules": {"checks": {"caa": "low"}}}, If_Match=tag)
    cases.same("change", (200, {"caa": "low"}, []), (changed.status, changed.json()["rules"]["checks"],
                                                     changed.json()["rules"]["accept"]))
    is_problem("the old version", server.ask("PATCH", url + "/corporate", {"selector": "all"}, If_Match=tag), 412,
               "precondition-failed")
    cases.same("remove", 204, server.ask("DELETE", url + "/corporate").status)
    is_problem("it is gone", server.get(url + "/corporate"), 404, "not-found")


def portfolios(server):
    url = V1 + "/apply"
    portfolio = {"domains": [{"name": "applied.example", "tags": ["applied"]}, "bare.example"],
                 "schedules": [{"name": "applied", "cron": "@daily", "jitter": "5m"}],
                 "policies": [{"name": "applied", "select": "tag:applied", "checks": {"caa": "off"}}],
                 "channels": [{"name": "applied", "kind": "slack", "url": "https://hooks.example/secret"}],
                 "rules": [{"name": "applied", "when": ["finding.opened"], "to": ["applied"]}]}

    def counts(answer):
        return answer.status, *(answer.json().get(k) for k in ("created", "updated", "deleted", "unchanged"))

    cases.same("a dry run", (200, 6, 0, 0, 0), counts(server.ask("POST", url + "?dry_run=true", {"portfolio": portfolio})))
    is_problem("makes nothing", server.get(V1 + "/domains/applied.example"), 404, "not-found")
    first = server.ask("POST", url, {"portfolio": portfolio})
    cases.same("a run", (200, 6, 0, 0, 0), counts(first))
    cases.true("shows no secret", b"hooks.example/secret" not in first.body, first.body)
    cases.same("a second one", (200, 0, 0, 0, 6), counts(server.ask("POST", url + "?prune=true", {"portfolio": portfolio})))
    portfolio["domains"][0]["owner"] = "it@applied.example"
    portfolio["domains"].pop()
    portfolio["rules"] = []
    cases.same("what differs, and what goes", (200, 0, 1, 2, 3),
               counts(server.ask("POST", url + "?prune=true", {"portfolio": portfolio})))
    bad = server.ask("POST", url, {"portfolio": {"domains": [{"name": "x.example", "ownr": "y"}], "rules": {}}})
    is_problem("a wrong one", bad, 422, "validation")
    cases.same("says where", ["#/portfolio/domains/0/ownr", "#/portfolio/rules"], [where for where, _ in bad.errors()])
    hook = {"name": "hook", "kind": "webhook", "url": "https://hooks.example/x", "template": '{"a":1}', "heartbeat": "1d"}
    cases.same("a channel", (200, 1, 0, 0, 0), counts(server.ask("POST", url, {"portfolio": {"channels": [hook]}})))
    for key, value in (("template", '{"a":2}'), ("heartbeat", "2d"), ("media_type", "text/plain"),
                       ("url", "https://hooks.example/y"), ("enabled", "false")):
        cases.same(f"another {key}", (200, 0, 1, 0, 0), counts(
            server.ask("POST", url + "?dry_run=true", {"portfolio": {"channels": [dict(hook, **{key: value})]}})))
    cases.same("the same with blanks about its name", (200, 0, 0, 0, 1),
               counts(server.ask("POST", url, {"portfolio": {"channels": [dict(hook, name=" hook ")]}})))
    is_problem("a template that cannot be", server.ask("POST", url + "?dry_run=true", {"portfolio": {"channels": [
        dict(hook, template="{{#events}}")]}}), 422, "validation", [("#/portfolio/channels/0/template", "template")])
    is_problem("another kind", server.ask("POST", url, {"portfolio": {"channels": [
        {"name": "hook", "kind": "slack", "url": "https://hooks.example/x"}]}}), 422, "validation",
        [("#/portfolio/channels/0/kind", "kind")])
    gone = server.ask("POST", url + "?prune=true", {"portfolio": {"domains": [], "schedules": [], "policies": [],
                                                                  "channels": [], "rules": []}})
    cases.same("all of it goes", (200, 0, 0, 5, 0), counts(gone))


def queue(server):
    state = server.get(V1 + "/queue").json()
    cases.same("its queues", ["dss.scan.high", "dss.scan.normal", "dss.scan.bulk"],
               [q["queue"] for q in state["queues"]])
    cases.same("nobody works", ([], 0), (state["workers"], state.get("capacity", 0)))
    cases.same("no dead letters", [], server.get(V1 + "/queue/dead").json()["items"])
    is_problem("retry none", server.ask("POST", V1 + "/queue/dead/17/retry"), 404, "not-found")
    is_problem("retry nothing", server.ask("POST", V1 + "/queue/dead/x/retry"), 404, "not-found")
    is_problem("discard none", server.ask("DELETE", V1 + "/queue/dead/17"), 404, "not-found")


def backlog():
    """No more may wait than --backlog says; how many do is looked at once a second."""
    with Server("--request-rate", "0", "--backlog", "3") as server:
        made = [server.ask("POST", V1 + "/scans", {"name": f"waits{i}.example"}) for i in range(3)]
        cases.true("as many as may wait are taken", [answer.status for answer in made] == [202] * 3, made)
        time.sleep(1.5)
        for name, path, body in (("a scan", "/scans", {"name": "more.example"}),
                                 ("a batch", "/batches", {"names": ["more.example"]})):
            answer = server.ask("POST", V1 + path, body)
            is_problem(f"{name} more is not", answer, 503, "unavailable")
            cases.same(f"{name} more is told when to come back", "30", answer.header("Retry-After"))
        cases.same("reading goes on", 200, server.get(V1 + "/scans").status)
        gone = server.ask("DELETE", V1 + f"/scans/{made[0].json()['id']}")
        cases.true("one is cancelled", gone.status in (200, 202), gone.status)
        time.sleep(1.5)
        cases.same("then there is room again", 202,
                   server.ask("POST", V1 + "/scans", {"name": "more.example"}).status)
    cases.true("that server ended well", not server.is_broken)


with Server("--request-rate", "0") as server:
    for part in (scans, batches, histories, schedules, policies, portfolios, queue):
        part(server)
cases.true("the server ended well", not server.is_broken)
backlog()
sys.exit(cases.end())
