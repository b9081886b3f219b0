#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a scan of a scenario find what its file `expect` says, and end within its bounds?

usage: scan.py BUILD_DIR SCENARIO/expect

Scans the scenario's domains inside the fake internet with consent for active checks, and gives
what fails or is unknown to expect.py. Whatever the scenario does, there is one whole record for
each domain, the scanner's network process lives, and time, packets and memory stay within bounds.
Ends with `N passed, N failed`.
"""
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILE_SECONDS = 60
# Starting the fake internet, a resolver and the sanitized scanner, on a machine that does more.
SLACK_SECONDS = 60
# Both ways, the scanner's own resolver included: a domain without fault takes 1,000 at most.
PACKETS_PER_DOMAIN = 8000
# The largest process, sanitizers included: scans without fault take a tenth of it.
MEMORY_KIB = 512 << 10
# The scanner's own reasons (README.md): they say nothing about the domain.
OWN_REASONS = {"profile", "consent", "vantage"}
# What inside counts: datagrams and connections of this network namespace.
COUNT = 'code=0; "$@" || code=$?; cat /proc/net/snmp /proc/net/snmp6 >"$0"; exit $code'

# The same behind a scan whose facts it is compared with.
TWICE = '"$@" --facts "$DSS_INTERNET_RUN/before" >/dev/null 2>&1 || [ $? = 3 ] || exit 5; ' \
    'set -- "$@" --before "$DSS_INTERNET_RUN/before"; ' + COUNT


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


def read_deadline(folder):
    """Seconds for one scan: of the scenario's file `deadline`, or the profile's (None)."""
    path = os.path.join(folder, "deadline")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as lines:
        return int(next(line for line in lines if not line.startswith("#")))


def policy_of(folder):
    """Arguments for the scenario's file `policy`, where it has one."""
    path = os.path.join(folder, "policy")
    return ["--policy", path] if os.path.exists(path) else []


def external_of(folder, scratch):
    """Arguments for its files `profile`, `keys` (a folder), `dss.yaml`, `setup`: who is asked besides, and with what."""
    arguments, profile = [], os.path.join(folder, "profile")
    if os.path.exists(os.path.join(folder, "dss.yaml")):
        arguments += ["--config", os.path.join(folder, "dss.yaml")]
    setup = os.path.join(folder, "setup")
    if os.path.exists(setup):
        arguments += subprocess.run([setup, scratch], stdout=subprocess.PIPE,
                                    check=True).stdout.decode().split()
    if os.path.exists(profile):
        with open(profile, encoding="utf-8") as words:
            arguments += ["--profile", words.read().strip()]
    if os.path.isdir(os.path.join(folder, "keys")):
        arguments += ["--keys", os.path.join(folder, "keys")]
    return arguments


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


def packets_in(path):
    """Datagrams sent and connections opened, IPv4 and IPv6."""
    total, names = 0, {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            kind, *fields = line.split()
            if kind in ("Udp:", "Tcp:") and kind not in names:
                names[kind] = fields
            elif kind in names:
                values = dict(zip(names[kind], fields))
                total += int(values.get("OutDatagrams", 0)) + int(values.get("ActiveOpens", 0))
            elif kind == "Udp6OutDatagrams":
                total += int(fields[0])
    return total


def bounds_of(domains, reports, said, packets):
    """What the scan broke of the bounds that hold for all scenarios."""
    if sorted(report.get("domain", "") for report in reports) != sorted(domains):
        yield f"{len(domains)} domains, reports of {[r.get('domain') for r in reports]}"
    for report in reports:
        if report.get("state") not in ("done", "incomplete"):
            yield f"{report.get('domain')}: {report.get('state')}: {report.get('error')}"
        elif not report.get("checks") or "grade" not in report:
            yield f"{report['domain']}: the record is not whole"
    if "starting another" in said:
        yield "the network process died"
    if packets > PACKETS_PER_DOMAIN * len(domains):
        yield f"{packets} packets for {len(domains)} domains"
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if memory > MEMORY_KIB:
        yield f"a process took {memory} KiB"


def shown(domain, question):
    """The form of a finding's evidence, as the file `evidence` lists it."""
    name = question.get("name") or question.get("zone") or question.get("url") or ""
    labels = name.split(".")
    below = max((i + 1 for i, label in enumerate(labels) if label.startswith("_")), default=0)
    owner = ".".join(labels[below:])
    service = ".".join(label for label in labels[:below] if label.startswith("_"))
    return " ".join(filter(None, [question["kind"], question.get("type"), service,
                                  owner and ("D" if owner == domain else "*")]))


def shown_otherwise(reports):
    """Findings that show an answer of another form than the file `evidence` lists for their check."""
    forms = {}
    with open(os.path.join(HERE, "evidence"), encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                check, form = line.rstrip("\n").split(" ", 1)
                forms.setdefault(check, set()).add(form)
    for report in reports:
        for finding in report.get("findings", []):
            question = (finding.get("evidence") or {}).get("question")
            form = shown(report["domain"], question) if question else "nothing"
            if form not in forms.get(finding["id"], ()):
                yield f"{report['domain']}: {finding['id']} shows \"{form}\", which {HERE}/evidence does not list"


def compare(folder, reports):
    """What expect.py says, with the reasons of what is unknown: (passed, failed)."""
    results = "".join(line + "\n" for report in reports for line in results_of(report))
    reasons = {}
    for report in reports:
        for check in report.get("checks", []):
            if check["verdict"] == "unknown":
                reasons[f"{report['domain']} {check['id']}"] = check.get("reason")
    done = subprocess.run([os.path.join(HERE, "expect.py"), os.path.relpath(folder)], input=results.encode(),
                          stdout=subprocess.PIPE, check=False)
    *lines, last = done.stdout.decode("utf-8", "replace").splitlines() or ["0 passed, 1 failed"]
    for line in lines:
        words = line.split()
        print(line, next((f"({why})" for key, why in reasons.items() if key in line
                          and "unknown" in words), ""))
    passed, _, failed, _ = last.split()
    return int(passed), int(failed)


def main():
    build, folder = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(sys.argv[2]))
    domains, deadline = read_domains(folder), read_deadline(folder)
    if not domains:
        return fail(f"{folder}: no domain to scan")
    limit = (deadline or PROFILE_SECONDS) + SLACK_SECONDS
    scratch = tempfile.TemporaryDirectory(dir="/var/tmp")  # programs in cages have a /tmp of their own
    read_end, write_end = os.pipe()
    counter = f"/proc/self/fd/{write_end}"
    is_twice = os.path.exists(os.path.join(folder, "twice"))
    limit *= 1 + is_twice
    argv = [os.path.join(HERE, "run"), build, folder + "/", "sh", "-c", TWICE if is_twice else COUNT, counter,
            os.path.join(build, "dss"), "scan", "--active", "--rate", "1000", "--progress", "none",
            "-f", "jsonl", "--timeout", str(deadline or 0), *policy_of(folder), *external_of(folder, scratch.name), *domains]
    began = time.monotonic()
    with tempfile.NamedTemporaryFile() as decoy, subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, pass_fds=[write_end],
            env=dict(os.environ, INTERNET_DECOY=decoy.name)) as scan:
        try:
            out, said = scan.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(scan.pid, signal.SIGKILL)
            out, said = scan.communicate()
            seen = {json.loads(line)["domain"] for line in out.decode("utf-8").splitlines()}
            return fail(f"no end within {limit} s; no report of "
                        + " ".join(domain for domain in domains if domain not in seen)
                        + "\n" + said.decode("utf-8", "replace"))
        touched = decoy.read().decode()
    os.close(write_end)
    said = said.decode("utf-8", "replace")
    if scan.returncode not in (0, 3):  # done, incomplete
        return fail(f"dss ended with exit code {scan.returncode}\n{said}")
    packets = packets_in(f"/proc/self/fd/{read_end}")
    reports = [json.loads(line) for line in out.decode("utf-8").splitlines()]
    broken = list(bounds_of(domains, reports, said, packets))
    broken += [f"a decoy was connected to: {line}" for line in touched.splitlines()]
    broken += sorted(set(shown_otherwise(reports)))
    for line in broken:
        print(line)
    passed, failed = compare(folder, reports)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{len(domains)} domains, {time.monotonic() - began:.1f} s, {packets} packets, "
          f"{memory >> 10} MiB")
    passed, failed = passed + (not broken), failed + len(broken)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
