#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a scan of a scenario find what its file `expect` says?

usage: scan.py BUILD_DIR SCENARIO/expect

Scans the scenario's domains inside the fake internet with consent for active checks, and gives
what fails or is unknown to expect.py. Ends with `N passed, N failed`.
"""
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_SECONDS = 300
# The scanner's own reasons (README.md): they say nothing about the domain.
OWN_REASONS = {"profile", "consent", "vantage"}


def read_domains(folder):
    """The file `domains`, or the first words of `expect`."""
    path = os.path.join(folder, "domains")
    is_list = os.path.exists(path)
    domains = []
    with open(path if is_list else os.path.join(folder, "expect"), encoding="utf-8") as lines:
        for line in lines:
            words = line.split(" # ")[0].split()
            if words and words[0] == "?":
                words = words[1:]
            if words and not words[0].startswith("#") and "*" not in words[0] \
                    and words[0] not in domains:
                domains.append(words[0])
    return domains


def results_of(report):
    """Lines DOMAIN CHECK-ID VERDICT SUBJECT of one report."""
    for finding in report.get("findings", []):
        yield f"{report['domain']} {finding['id']} fail {finding.get('subject') or ''}".rstrip()
    for check in report.get("checks", []):
        reason = (check.get("reason") or "").split(":")[0]
        if check["verdict"] == "unknown" and reason not in OWN_REASONS:
            yield f"{report['domain']} {check['id']} unknown"


def fail(text):
    print(text)
    print("0 passed, 1 failed")
    return 1


def main():
    build, folder = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(sys.argv[2]))
    domains = read_domains(folder)
    if not domains:
        return fail(f"{folder}: no domain to scan")
    argv = [os.path.join(HERE, "run"), build, folder + "/", os.path.join(build, "dss"), "scan",
            "--active", "--rate", "1000", "-q", "-f", "jsonl", *domains]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True) as scan:
        try:
            out, said = scan.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(scan.pid, signal.SIGKILL)
            out, said = scan.communicate()
            seen = {json.loads(line)["domain"] for line in out.decode("utf-8").splitlines()}
            return fail(f"no end within {LIMIT_SECONDS} s; no report of "
                        + " ".join(domain for domain in domains if domain not in seen)
                        + "\n" + said.decode("utf-8", "replace"))
    said = said.decode("utf-8", "replace")
    if scan.returncode not in (0, 3):  # done, incomplete
        return fail(f"dss ended with exit code {scan.returncode}\n{said}")
    reports = [json.loads(line) for line in out.decode("utf-8").splitlines()]
    if len(reports) != len(domains):
        return fail(f"{len(domains)} domains, {len(reports)} reports\n{said}")
    failed = [report for report in reports if report.get("state") == "failed"]
    if failed:
        return fail("\n".join(f"{report['domain']}: {report.get('error')}" for report in failed))
    results = "".join(line + "\n" for report in reports for line in results_of(report))
    reasons = {}
    for report in reports:
        for check in report.get("checks", []):
            if check["verdict"] == "unknown":
                reasons[f"{report['domain']} {check['id']}"] = check.get("reason")
    done = subprocess.run([os.path.join(HERE, "expect.py"), os.path.relpath(folder)], input=results.encode(),
                          stdout=subprocess.PIPE, check=False)
    text = done.stdout.decode("utf-8", "replace")
    for line in text.splitlines()[:-1]:
        words = line.split()
        print(line, next((f"({why})" for key, why in reasons.items() if key in line
                          and "unknown" in words), ""))
    print(text.splitlines()[-1] if text else "0 passed, 1 failed")
    return done.returncode


sys.exit(main())
