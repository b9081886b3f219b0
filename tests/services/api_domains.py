# SPDX-License-Identifier: Apache-2.0
"""Domains, one by one, as lists, and imported: what goes well, and each class of error with its place."""
import json
import re
import sys

from server import Cases, Server

cases = Cases()
is_problem = cases.is_problem
V1 = "/api/v1"


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


with Server("--request-rate", "0") as server:
    for part in (domains, changes_of_domains, lists_of_domains, imports, zone_files):
        part(server)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
