#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does dss judge --store find what the stored scans found, and since when? Of the folder of rejudge.sh."""
import json
import os
import subprocess
import sys

DSS = os.path.join(os.path.abspath(os.environ["DSS_BUILD"]), "src", "main", "dss")
SCRATCH = sys.argv[1]
DMARC, LOOKUPS = "mail.dmarc.policy-none", "mail.spf.lookup-limit"
passed = failed = 0


def same(name, wanted, got):
    global passed, failed
    if wanted == got:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}\n  wanted: {wanted}\n  got:    {got}", flush=True)


def dss(*words, **variables):
    environment = dict(os.environ, DSS_CONFIG="/dev/null", DSS_DATA=os.path.join(SCRATCH, "data"), **variables)
    ended = subprocess.run([DSS, *words], env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def lines(*words):
    code, out, err = dss(*words, "-f", "jsonl")
    same(f"{words}: exit code", (0, ""), (code, err))
    return [json.loads(line) for line in out.splitlines()]


def judged(*words):
    return {report["domain"]: report for report in lines("judge", "--store", *words)}


def since(report, check):
    return next((finding["since"] for finding in report["findings"] if finding["id"] == check), None)


def second(text):
    return text[:19]


scans = {}  # newest first, by domain
for scan in lines("scans", "list"):
    scans.setdefault(scan["domain"], []).append(scan)
names = ["acme-shop.com", "north-bank.com", "old-agency.org"]
same("there are three scans of three domains", {name: 3 for name in names},
     {name: len(of) for name, of in scans.items()})

reports = judged(*names)
same("each has a report", names, sorted(reports))
for name, report in reports.items():
    stored = lines("scans", "results", scans[name][0]["id"])
    same(f"{name}: the findings of the stored scan",
         sorted((line["check"], finding["severity"], finding["text"])
                for line in stored for finding in line.get("findings", ())),
         sorted((finding["id"], finding["severity"], finding["text"]) for finding in report["findings"]))
    same(f"{name}: the other verdicts of the stored scan",
         sorted({(line["check"], line["verdict"]) for line in stored}),
         sorted((check["id"], check["verdict"]) for check in report["checks"]))
    same(f"{name}: its grade and time", (scans[name][0]["grade"], second(scans[name][0]["started_at"])),
         (report["grade"], second(report["at"])))
    same(f"{name}: every finding says since when", [],
         [finding["id"] for finding in report["findings"] if "since" not in finding])

acme, agency = reports["acme-shop.com"], reports["old-agency.org"]
new, old = since(acme, DMARC), since(agency, LOOKUPS)
same("DMARC asks for nothing since the second day", (second(scans["acme-shop.com"][1]["started_at"]), 2, False),
     new and (second(new["at"]), new["scans"], new["all"]))
same("SPF has too many lookups since the first", (second(scans["old-agency.org"][2]["started_at"]), 3, True),
     old and (second(old["at"]), old["scans"], old["all"]))

code, text, _ = dss("judge", "--store", "acme-shop.com", "old-agency.org", "--only", "mail", "-v")
same("text: exit code", 0, code)
same("text: since the second day", True, f"since   {new['at'][:10]}, in 2 scans" in text)
same("text: since the first", True, f"since   {old['at'][:10]}, in all 3 stored scans" in text)
code, out, _ = dss("judge", "--store", "acme-shop.com", "-f", "json", "--fields", "domain,findings.since.scans")
same("json with fields", ["domain", "findings"], sorted(json.loads(out)["scans"][0]))
same("--only", True, all(finding["id"].startswith("mail.spf.") for finding in
                         judged("old-agency.org", "--only", "mail.spf")["old-agency.org"]["findings"]))

code, out, err = dss("judge", "--store", "--tag", "corp", "-f", "jsonl")
same("a tag: those that were scanned", names, sorted(json.loads(line)["domain"] for line in out.splitlines()))
same("a tag: the other is named", (0, True), (code, "never-scanned.com: no scan of it is stored" in err))
for words in ([], ["all"]):
    code, out, err = dss("judge", "--store", *words, "-f", "jsonl")
    same(f"all domains: {words}", 3, len(out.splitlines()))
same("--fail-on", 1, dss("judge", "--store", "old-agency.org", "--fail-on", "high")[0])
same("--fail-on what is not there", 0, dss("judge", "--store", "north-bank.com", "--fail-on", "critical")[0])
code, _, err = dss("judge", "--store", "nobody.com")
same("a name that is not there", (2, True), (code, "nobody.com is no domain of this store" in err))
code, _, err = dss("judge", "--store", "--server", "http://127.0.0.1:1", "acme-shop.com")
same("a server", (2, True), (code, "without --server" in err))
code, out, err = dss("judge", "--store", "acme-shop.com", "-f", "jsonl",
                     DSS_STORE="sqlite:" + os.path.join(SCRATCH, "data"))
same("a variable that names the store", (0, 1), (code, len(out.splitlines())))
code, _, err = dss("judge", "--store", "--data", os.path.join(SCRATCH, "none"))
same("no store", (5, True), (code, "none" in err))
code, _, _ = dss("judge")
same("no file", 2, code)

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
