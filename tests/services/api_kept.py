# SPDX-License-Identifier: Apache-2.0
"""Changes, expiries and dead letters that are there, events that are there no more, and a full disk."""
import csv
import http.client
import io
import json
import os
import subprocess
import sys
import tempfile
import time

from server import BUILD, Cases, Server

cases = Cases()
V1 = "/api/v1"
NAME = "kept.example"
DISK_BYTES = 6 << 20


def seed(server, *words):
    subprocess.run([os.path.join(BUILD, "tests/services/seed"), server.data, *words], check=True)


def walk(server, path):
    """All items of a list, page by page."""
    items = []
    while path:
        answer = server.get(path)
        page = answer.json()
        items += page["items"]
        path = (f"{path.split('&cursor=')[0]}&cursor={page['next_cursor']}" if "next_cursor" in page else None)
        if len(items) > 100:
            break
    return items


def changes(server):
    url = f"{V1}/domains/{NAME}/changes"
    all_of_it = server.get(url).json()["items"]
    cases.same("changes, newest first", [("changed", "mx2.kept.example."), ("removed", None), ("added", "ns2.kept.example.")],
               [(row["kind"], row.get("after")) for row in all_of_it])
    cases.same("what changed", {"question": f"dns {NAME} MX", "before": "mx1.kept.example.", "severity": "medium",
                                "domain": NAME},
               {key: all_of_it[0].get(key) for key in ("question", "before", "severity", "domain")})
    cases.same("page by page", all_of_it, walk(server, url + "?limit=1"))
    cases.same("of the whole workspace", all_of_it, walk(server, V1 + "/changes?limit=2"))
    cases.same("of one domain", all_of_it, server.get(f"{V1}/changes?domain={NAME}").json()["items"])
    middle = all_of_it[1]["at"]
    cases.same("from a time on", all_of_it[:2], server.get(f"{url}?from={middle}").json()["items"])
    cases.same("up to a time", all_of_it[2:], server.get(f"{url}?to={middle}").json()["items"])
    lines = server.get(url, Accept="application/x-ndjson").body.decode().splitlines()
    cases.same("as NDJSON", all_of_it, [json.loads(line) for line in lines])
    table = list(csv.DictReader(io.StringIO(server.get(url, Accept="text/csv").body.decode())))
    cases.same("as CSV", [row["question"] for row in all_of_it], [row["question"] for row in table])
    stranger = server.secrets["other"]
    cases.same("nothing for another workspace", 404, server.get(url, Authorization="Bearer " + stranger).status)


def expiries(server):
    rows = server.get(V1 + "/expiry").json()["items"]
    cases.same("the soonest first", [("certificate", f"www.{NAME}"), ("rrsig", f"{NAME} SOA")],
               [(row["kind"], row["subject"]) for row in rows])
    cases.true("of which domain", all(row["domain"] == NAME for row in rows), rows)
    cases.same("page by page", rows, walk(server, V1 + "/expiry?limit=1"))
    cases.same("before a time", rows[:1], server.get(V1 + "/expiry?before=" + rows[1]["at"]).json()["items"])
    calendar = server.get(V1 + "/expiry", Accept="text/calendar").body.decode()
    cases.same("as a calendar", (2, 2), (calendar.count("BEGIN:VEVENT\r\n"), calendar.count("END:VEVENT\r\n")))
    cases.true("with the days", all(row["at"][:10].replace("-", "") in calendar for row in rows), calendar)


def letters(server):
    url = V1 + "/queue/dead"
    rows = server.get(url).json()["items"]
    cases.same("letters, the latest first", ["poison 2", "poison 1", "poison 0"], [row["reason"] for row in rows])
    cases.same("what they are", [("dss.scan.bulk", 1)] * 3, [(row["queue"], row["attempt"]) for row in rows])
    cases.same("page by page", rows, walk(server, url + "?limit=1"))
    cases.same("the queue counts them", 3, server.get(V1 + "/queue").json()["dead"])
    cases.same("one back to its queue", 202, server.ask("POST", f"{url}/{rows[0]['id']}/retry").status)
    cases.is_problem("twice", server.ask("POST", f"{url}/{rows[0]['id']}/retry"), 404, "not-found")
    cases.same("it waits there", (1, 2), (lambda q: (q["queues"][2].get("ready"), q["dead"]))(server.get(V1 + "/queue").json()))
    cases.same("one is discarded", 204, server.ask("DELETE", f"{url}/{rows[1]['id']}").status)
    cases.is_problem("and gone", server.ask("DELETE", f"{url}/{rows[1]['id']}"), 404, "not-found")
    cases.same("one is left", [rows[2]["id"]], [row["id"] for row in server.get(url).json()["items"]])
    trail = server.get(V1 + "/audit?limit=2").json()["items"]
    cases.same("the trail knows who", [("queue.discard", rows[1]["id"]), ("queue.revive", rows[0]["id"])],
               [(row["action"], row["subject"]) for row in trail])


def forgotten_events(server):
    for i in range(5):
        server.ask("POST", V1 + "/domains", {"name": f"event{i}.example"})
    events = server.get(V1 + "/events?after=0&limit=1000").json()["items"]
    seed(server, "forget", str(len(events) - 2))
    first = int(events[-2]["sequence"])
    cases.is_problem("a page from before what is kept", server.get(V1 + "/events?after=1"), 410, "gone")
    cases.same("a page of what is kept", [str(first), str(first + 1)],
               [row["sequence"] for row in server.get(f"{V1}/events?after={first - 1}").json()["items"]])
    for how in ({"Last-Event-ID": "1"}, {}):
        connection = http.client.HTTPConnection(*server.address, timeout=20)
        connection.request("GET", V1 + "/events" + ("" if how else "?after=1"), headers={
            "Accept": "text/event-stream", "Authorization": "Bearer " + server.token, **how})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        cases.same(f"a stream from before what is kept {how}", (410, "application/problem+json", "/docs#problem-gone"),
                   (answer.status, answer.headers["Content-Type"], body["type"]))
        cases.true("it says where to go on", str(first - 1) in body.get("detail", ""), body)
        connection.close()


def fill(path):
    """Leave no room on its disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    os.write(file, bytes(size))
            except OSError:
                pass
    finally:
        os.close(file)


def counts(server):
    """Counted anew soon, however they are kept."""
    before = server.get(V1 + "/stats").json().get("domains", 0)
    server.ask("POST", V1 + "/domains", {"name": "counted.example"})
    until = time.monotonic() + 20
    while server.get(V1 + "/stats").json().get("domains", 0) == before and time.monotonic() < until:
        time.sleep(0.05)
    cases.same("one more is counted", before + 1, server.get(V1 + "/stats").json()["domains"])
    stranger = server.get(V1 + "/stats", Authorization="Bearer " + server.secrets["other"])
    cases.true("another workspace has counts of its own",
               stranger.status == 200 and stranger.json().get("domains", 0) < before, stranger.json())


def full_disk():
    folder = tempfile.mkdtemp(prefix="dss-full.")
    log = tempfile.mkdtemp(prefix="dss-log.")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "none", folder], check=True)
    server = Server("--request-rate", "0", data=folder)
    server.log_path = os.path.join(log, "api.log")
    filler = os.path.join(folder, "filler")
    try:
        with server:
            cases.same("with room", 201, server.ask("POST", V1 + "/domains", {"name": "a.example"}).status)
            fill(filler)
            answers = [server.ask("POST", V1 + "/domains", {"name": f"b{i}.example", "notes": "x" * 8000})
                       for i in range(200)]
            refused = [answer for answer in answers if answer.status != 201]
            cases.true("the disk gets full", refused, len(answers))
            for answer in refused[:3]:
                cases.is_problem("full", answer, 503, "unavailable")
                cases.true("with when to come again", int(answer.header("Retry-After") or 0) > 0)
                cases.true("and why", "disk is full" in answer.json().get("detail", ""), answer.json())
            cases.same("reading goes on", 200, server.get(V1 + "/domains/a.example").status)
            kept = [f"b{i}.example" for i, answer in enumerate(answers) if answer.status == 201]
            os.unlink(filler)
            cases.same("with room again", 201, server.ask("POST", V1 + "/domains", {"name": "c.example"}).status)
            names = [row["name"] for row in server.get(V1 + "/domains?limit=1000").json()["items"]]
            cases.same("what was answered is there, and nothing else", sorted(["a.example", "c.example", *kept]), names)
        cases.true("the server ended well", not server.is_broken)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)
        for name in os.listdir(log):
            os.unlink(os.path.join(log, name))
        os.rmdir(log)


with Server("--request-rate", "0") as kept_server:
    seed(kept_server, "kept", NAME)
    for part in (changes, expiries, letters, forgotten_events, counts):
        part(kept_server)
cases.true("the server ended well", not kept_server.is_broken)
full_disk()
sys.exit(cases.end())
