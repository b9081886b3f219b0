# SPDX-License-Identifier: Apache-2.0
"""Each resource: what goes well, and each class of error with its place."""
import http.client
import json
import re
import sys
import threading
import time

from server import Cases, Server

cases = Cases()
V1 = "/api/v1"


def is_problem(name, answer, status, slug, errors=None):
    is_fine = cases.same(f"{name}: status", status, answer.status)
    if answer.header("Content-Type") != "application/problem+json":
        cases.true(f"{name}: is a problem", False, answer.body[:300])
        return
    cases.same(f"{name}: kind", slug, answer.slug())
    if errors is not None:
        cases.same(f"{name}: places", errors, answer.errors())
    if not is_fine:
        print(answer.body.decode())


def domains(server):
    url = V1 + "/domains"
    answer = server.ask("POST", url, {"name": "Example.COM", "tags": ["corp", "a"], "owner": "it@example.com",
                                      "notes": "one\ntwo", "profile": "dns"})
    cases.same("add", (201, url + "/example.com"), (answer.status, answer.header("Location")))
    made = answer.json()
    cases.same("add: what is there", ("example.com", ["a", "corp"], "it@example.com", "one\ntwo", "dns"),
               tuple(made.get(k) for k in ("name", "tags", "owner", "notes", "profile")))
    cases.true("add: id", re.fullmatch("dom_[0-9a-hjkmnp-tv-z]{26}", made["id"]))
    tag = answer.header("ETag")
    got = server.get(url + "/example.com")
    cases.same("get", (200, made, tag), (got.status, got.json(), got.header("ETag")))
    cases.same("get: nothing new", 304, server.get(url + "/example.com", If_None_Match=tag).status)
    is_problem("add again", server.ask("POST", url, {"name": "example.com"}), 409, "exists")
    for body, status, slug, errors in (
            ({"name": "bad..name"}, 422, "validation", [("#/name", "domain.syntax")]),
            ({"name": "192.0.2.1"}, 422, "validation", None),
            ({"name": 7}, 422, "validation", [("#/name", "type")]),
            ({}, 422, "validation", [("#/name", "required")]),
            ({"name": "a.example", "colour": 1}, 422, "validation", [("#/colour", "unknown")]),
            ({"name": "a.example", "tags": ["x", ""]}, 422, "validation", [("#/tags/1", "length")]),
            ({"name": "a.example", "profile": "fast"}, 422, "validation", [("#/profile", "choice")]),
            ({"name": "a.example", "expectations": {"ports": ["x"]}}, 422, "validation", None),
            ([], 422, "validation", [("#", "type")]),
            (b'{"name":"a.example","name":"b.example"}', 400, "malformed", None),
            (b'{"name":', 400, "malformed", None), (b"", 400, "malformed", None),
            (b'{"name":"\xff"}', 400, "malformed", None),
            (b"[" * 100000, 400, "malformed", None)):
        headers = {"Content-Type": "application/json"}
        is_problem(f"add {str(body)[:60]}", server.ask("POST", url, body, headers), status, slug, errors)
    is_problem("a form", server.ask("POST", url, "name=a.example", {"Content-Type":
               "application/x-www-form-urlencoded"}), 415, "media-type")
    is_problem("latin1", server.ask("POST", url, '{"name":"a.example"}', {"Content-Type":
               "application/json; charset=latin1"}), 415, "media-type")
    is_problem("gzip", server.ask("POST", url, '{"name":"a.example"}', {"Content-Type": "application/json",
               "Content-Encoding": "gzip"}), 415, "media-type")
    is_problem("2 MB", server.ask("POST", url, {"name": "a.example", "notes": "x" * 2000000}), 413, "too-large")
    cases.same("U-label", (308, url + "/xn--bcher-kva.example"),
               (lambda a: (a.status, a.header("Location")))(server.get(url + "/b%C3%BCcher.example")))
    cases.same("capitals", (308, url + "/example.com?x=1"),
               (lambda a: (a.status, a.header("Location")))(server.get(url + "/EXAMPLE.com?x=1")))
    is_problem("no such domain", server.get(url + "/nothing.example"), 404, "not-found")
    is_problem("no domain name", server.get(url + "/bad..name"), 422, "validation", [("name", "syntax")])


def changes_of_domains(server):
    url = V1 + "/domains/example.com"
    tag = server.get(url).header("ETag")
    is_problem("no If-Match", server.ask("PATCH", url, {"owner": "x"}), 428, "precondition-required")
    is_problem("another If-Match", server.ask("PATCH", url, {"owner": "x"}, If_Match='"v99"'), 412,
               "precondition-failed")
    is_problem("no tag of ours", server.ask("PATCH", url, {"owner": "x"}, If_Match='"abc"'), 412,
               "precondition-failed")
    answer = server.ask("PATCH", url, {"owner": "new", "notes": None, "tags": ["b"]}, If_Match=tag)
    cases.same("patch", (200, "new", None, ["b"], "dns"),
               (answer.status, answer.json().get("owner"), answer.json().get("notes"), answer.json()["tags"],
                answer.json()["profile"]))
    cases.true("patch: a new tag", answer.header("ETag") != tag)
    is_problem("the old tag", server.ask("PATCH", url, {"owner": "x"}, If_Match=tag), 412, "precondition-failed")
    cases.same("a star insists", 200, server.ask("PATCH", url, {"owner": "x"}, If_Match="*").status)
    merge = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    cases.same("merge patch", 200, server.ask("PATCH", url, '{"profile":null}', merge).status)
    cases.same("profile is gone", None, server.get(url).json().get("profile"))
    is_problem("name is no field", server.ask("PATCH", url, {"name": "b"}, If_Match="*"), 422, "validation",
               [("#/name", "unknown")])
    is_problem("patch of none", server.ask("PATCH", V1 + "/domains/none.example", {"owner": "x"}, If_Match="*"),
               404, "not-found")
    proof = server.ask("POST", url + "/proof")
    cases.same("proof", (200, "TXT", False), (proof.status, proof.json()["type"], proof.json()["proven"]))
    cases.same("proof: stays", proof.json(), server.ask("POST", url + "/proof").json())
    server.ask("POST", V1 + "/domains", {"name": "gone.example"})
    gone = V1 + "/domains/gone.example"
    is_problem("delete another version", server.ask("DELETE", gone, If_Match='"v99"'), 412, "precondition-failed")
    cases.same("delete", (204, b""), (lambda a: (a.status, a.body))(server.ask("DELETE", gone)))
    is_problem("it is gone", server.get(gone), 404, "not-found")
    is_problem("delete again", server.ask("DELETE", gone), 404, "not-found")
    cases.same("it can come back", 201, server.ask("POST", V1 + "/domains", {"name": "gone.example"}).status)
    cases.same("purge", 204, server.ask("DELETE", gone + "?purge=true").status)


def lists_of_domains(server):
    url = V1 + "/domains"
    names = sorted(f"d{i:03}.list.example" for i in range(130))
    for name in names:
        server.ask("POST", url, {"name": name, "tags": ["listed", "t"], "owner": "=cmd" if name == names[0] else "o"})
    seen, path = [], url + "?tag=listed&limit=20"
    while path:
        answer = server.get(path)
        seen += [item["name"] for item in answer.json()["items"]]
        link = answer.header("Link")
        path = re.fullmatch('<(.*)>; rel="next"', link).group(1) if link else None
        if len(seen) == 40: # what is added meanwhile neither repeats nor hides another
            server.ask("POST", url, {"name": "d000a.list.example", "tags": ["listed"]})
    cases.same("all pages", names, seen)
    lines = server.get(url + "?tag=listed", Accept="application/x-ndjson").body.splitlines()
    odd = server.get(url + "?limit=1&q=d0%3E&tag=listed").header("Link")
    cases.same("no Link without a next page", None, odd)
    odd = server.raw(b"GET /api/v1/domains?limit=1&tag=listed&q=<d\"> HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                     b"Authorization: Bearer " + server.token.encode() + b"\r\n\r\n")
    cases.true("an unescaped query", odd.startswith(b"HTTP/1.1 200"), odd[:200])
    cases.same("NDJSON is all", 131, len(lines))
    table = server.get(url + "?tag=listed&q=d000.", Accept="text/csv").body.decode().splitlines()
    cases.true("CSV is inert", ',"\'=cmd",' in table[1], table)
    cases.same("q", 10, len(server.get(url + "?q=d00&tag=t").json()["items"]))
    cases.same("glob", 131, len(server.get(url + "?glob=*.list.example&limit=1000").json()["items"]))
    down = server.get(url + "?tag=listed&direction=down&limit=1").json()["items"][0]["name"]
    cases.same("down", names[-1], down)
    is_problem("a bad cursor", server.get(url + "?cursor=abc"), 422, "validation", [("cursor", "cursor")])
    is_problem("a bad sort", server.get(url + "?sort=size"), 422, "validation", [("sort", "choice")])
    is_problem("a bad time", server.get(url + "?changed_since=yesterday"), 422, "validation",
               [("changed_since", "format")])
    verdicts = server.ask("POST", url + "/validate", {"names": ["a.example.com", "co.uk", "-x.example", "",
                                                               "bücher.example"]}).json()["names"]
    cases.same("validate", [True, True, False, False, True], [v["valid"] for v in verdicts])
    cases.same("validate: A-label", "xn--bcher-kva.example", verdicts[4]["name"])
    cases.same("validate: nobody has looked", ["unknown"] * 5, [v["delegation"] for v in verdicts])
    cases.same("validate: registered", "example.com", verdicts[0]["registrable"])
    stats = server.get(V1 + "/stats").json()
    cases.true("stats", stats["domains"] >= 131 and stats["grades"]["none"] >= 131, stats)
    tags = {t["tag"]: t["domains"] for t in server.get(V1 + "/tags").json()["tags"]}
    cases.same("tags", 131, tags["listed"])


def rows_of(answer):
    """(rows, summary) of an import's answer."""
    lines = [json.loads(line) for line in answer.body.splitlines()]
    return lines[:-1], lines[-1].get("summary")


def imports(server):
    url = V1 + "/domains/import"
    csv_type = {"Content-Type": "text/csv"}
    table = ('name,tags,owner,notes\r\nimp1.example,"corp eu",it@example.com,"two\nlines"\r\n'
             'exmaple .com,,,\r\n"imp2.example",,"Ann ""A""",\n\nimp1.example,,,\nbad"quote,,,\n'
             'imp3.example,a,b,c,d,e\nB\u00fccher.Example,,,\n')
    dry, count = server.ask("POST", url + "?dry_run=true", table, csv_type), server.get(V1 + "/stats").json()
    cases.same("a dry run stores nothing", 404, server.get(V1 + "/domains/imp1.example").status)
    answer = server.ask("POST", url + "?tag=default", table, csv_type)
    rows, summary = rows_of(answer)
    cases.same("CSV: media type", (200, "application/x-ndjson"), (answer.status, answer.header("Content-Type")))
    cases.same("CSV: lines and outcomes", [(2, "added"), (4, "rejected"), (5, "added"), (7, "exists"),
                                           (8, "rejected"), (9, "rejected"), (10, "added")],
               [(row["line"], row["outcome"]) for row in rows])
    cases.same("CSV: the dry run said the same", [row["outcome"] for row in rows],
               [row["outcome"] for row in rows_of(dry)[0]])
    cases.true("CSV: why", "blank" in rows[1]["detail"] or "space" in rows[1]["detail"], rows[1])
    cases.same("CSV: codes", ["syntax", "columns"], [row["code"] for row in rows[4:6]])
    cases.same("CSV: A-label", "xn--bcher-kva.example", rows[6]["name"])
    cases.same("CSV: the sum", (3, 1, 3), (summary["added"], summary["exists"], summary["rejected"]))
    made = server.get(V1 + "/domains/imp1.example").json()
    cases.same("CSV: cells", (["corp", "eu"], "it@example.com", "two\nlines"),
               (made["tags"], made["owner"], made["notes"]))
    cases.same("CSV: the default tag", (["default"], 'Ann "A"'),
               (lambda d: (d["tags"], d["owner"]))(server.get(V1 + "/domains/imp2.example").json()))
    ndjson = {"Content-Type": "application/x-ndjson"}
    lines = ['{"name":"imp1.example","owner":"new"}', '{"name":"imp4.example","tags":["x"]}', "nonsense",
             '{"name":"imp5.example","colour":1}', '{"owner":"x"}', '{"name":"' + "x" * 70000 + '"}',
             '{"name":"imp6.example","profile":"dns"}']
    rows, summary = rows_of(server.ask("POST", url + "?mode=upsert", "\n".join(lines), ndjson))
    cases.same("NDJSON", ["updated", "added", "rejected", "rejected", "rejected", "rejected", "added"],
               [row["outcome"] for row in rows])
    cases.same("NDJSON: places", ["", "/colour", "/name", ""], [row["pointer"] for row in rows[2:6]])
    cases.same("NDJSON: lines", list(range(1, 8)), [row["line"] for row in rows])
    cases.same("upsert changes what is given", ("new", ["corp", "eu"]),
               (lambda d: (d["owner"], d["tags"]))(server.get(V1 + "/domains/imp1.example").json()))
    text = {"Content-Type": "text/plain"}
    rows, summary = rows_of(server.ask("POST", url, "# a list\nimp7.example\r\n\n*.imp8.example\n", text))
    cases.same("text", [(2, "imp7.example"), (4, "imp8.example")], [(row["line"], row["name"]) for row in rows])
    many = "".join(f"many{i}.example\n" for i in range(5000))
    rows, summary = rows_of(server.ask("POST", url, many, text))
    cases.same("5,000 rows", (5000, 5000), (len(rows), summary["added"]))
    cases.same("each line once", list(range(1, 5001)), [row["line"] for row in rows])
    is_problem("a form", server.ask("POST", url, "a=b", {"Content-Type": "application/x-www-form-urlencoded"}),
               415, "media-type")
    is_problem("no body", server.ask("POST", url, headers=csv_type), 400, "malformed")
    is_problem("an unknown column", server.ask("POST", url, "name,colour\na.example,red\n", csv_type), 422,
               "validation", [("#/0/1", "unknown")])
    is_problem("a bad mode", server.ask("POST", url + "?mode=all", "a.example", text), 422, "validation")
    inside = {**text, "Dss-Workspace": "other"}
    server.ask("POST", url, "r1.example\nr2.example\n", inside)
    rows, summary = rows_of(server.ask("POST", url + "?mode=replace", "r2.example\nr3.example\n", inside))
    cases.same("replace", (1, 1), (summary["added"], summary["removed"]))
    cases.same("what was not named is gone", 404, server.get(V1 + "/domains/r1.example",
                                                            Dss_Workspace="other").status)


def zone_files(server):
    zone = ("$TTL 3600\n@ IN SOA ns1 it (\n 1 2\n 3 4 5 )\n  NS ns1\n  NS ns2.other.example.\nns1 A 192.0.2.1\n"
            "*.w A 192.0.2.1\n_dmarc TXT \"v=DMARC1; p=none\"\nwww CNAME ns1\n$INCLUDE more\n$ORIGIN net.zoned.example.\na A 192.0.2.9\n")
    answer = server.ask("POST", V1 + "/domains/import?origin=zoned.example&tag=zone", zone, {"Content-Type": "text/dns"})
    rows, _ = rows_of(answer)
    cases.same("a zone file", [(2, "added", "zoned.example"), (7, "added", "ns1.zoned.example"),
                               (10, "added", "www.zoned.example"), (11, "rejected", ""),
                               (13, "added", "a.net.zoned.example")],
               [(row["line"], row["outcome"], row["name"]) for row in rows])
    cases.same("a zone file: tags", ["zone"], server.get(V1 + "/domains/www.zoned.example").json()["tags"])
    rows, _ = rows_of(server.ask("POST", V1 + "/domains/import", "www A 192.0.2.1\n", {"Content-Type": "text/dns"}))
    cases.true("a zone file without its name", rows[0]["outcome"] == "rejected" and "$ORIGIN" in rows[0]["detail"], rows)


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
    gone = server.ask("POST", url + "?prune=true", {"portfolio": {"domains": [], "schedules": [], "policies": [],
                                                                  "channels": [], "rules": []}})
    cases.same("all of it goes", (200, 0, 0, 4, 0), counts(gone))


def queue(server):
    state = server.get(V1 + "/queue").json()
    cases.same("its queues", ["dss.scan.high", "dss.scan.normal", "dss.scan.bulk"],
               [q["queue"] for q in state["queues"]])
    cases.same("nobody works", ([], 0), (state["workers"], state.get("capacity", 0)))
    cases.same("no dead letters", [], server.get(V1 + "/queue/dead").json()["items"])
    is_problem("retry none", server.ask("POST", V1 + "/queue/dead/17/retry"), 404, "not-found")
    is_problem("retry nothing", server.ask("POST", V1 + "/queue/dead/x/retry"), 404, "not-found")
    is_problem("discard none", server.ask("DELETE", V1 + "/queue/dead/17"), 404, "not-found")


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
    for part in (domains, changes_of_domains, lists_of_domains, imports, zone_files, scans, batches, histories, schedules, policies, portfolios, queue, keys, people, workspaces):
        part(server)
    listeners = events(server)
    begun = time.monotonic()
cases.true("it drains although fifty listen", time.monotonic() - begun < 18)
cases.true("the server ended well", not server.is_broken)
backlog()
sys.exit(cases.end())
