#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which tests pass? Runs the suites of tools/suites and counts.

usage: tools/test.py [NAME]     NAME: a suite, a test program, a script, a file, or one TEST(name)

A program of meson's speaks cmocka; a script, or a program that is no cmocka test, ends with a line
`N passed, N failed`. A suite that ran nothing has failed, and so has a test that was skipped, that
died, or that left with an error without saying which test failed. Tests run side by side, for most of
their time they wait for what does not answer; each is told when it ends. The last line is the sum.
"""
import concurrent.futures
import glob
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("DSS_BUILD", os.path.join(ROOT, "build", "debug"))
LIMIT_SECONDS = 900
SHOWN_LINES = 300
PRINTING = threading.Lock()
AT_ONCE = 1 + (os.cpu_count() or 1)

TALLY = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
CMOCKA_PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.M)
CMOCKA_NOT_PASSED = re.compile(r"^\[  (?:FAILED|SKIPPED) *\] (\d+) test", re.M)


class Count:
    """What a program or a suite has come to."""

    def __init__(self, passed=0, failed=0):
        self.passed, self.failed = passed, failed

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed"


def count_output(output, code, is_selection=False):
    """The count that a program's output states, checked against its exit code."""
    tallies = TALLY.findall(output)
    if tallies:
        count = Count(int(tallies[-1][0]), int(tallies[-1][1]))
    else:
        count = Count(sum(map(int, CMOCKA_PASSED.findall(output))),
                      sum(map(int, CMOCKA_NOT_PASSED.findall(output))))
    if code and not count.failed:
        count.failed = 1
    if not count.passed and not count.failed and not is_selection:
        count.failed = 1
    return count


def run(argv):
    """Run one test to its end or its time limit: (exit code, output)."""
    environment = dict(os.environ, DSS_BUILD=BUILD)
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        output, _ = process.communicate(timeout=LIMIT_SECONDS)
        return process.returncode, output.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return 1, output.decode("utf-8", "replace") + f"\nno end after {LIMIT_SECONDS} s: killed\n"


def report(name, count, output, seconds):
    """One line a test; the output too when something failed."""
    state = "FAILED" if count.failed else "ok"
    lines = [f"  {state:6} {name:32} {count}  {seconds:.1f} s"]
    if count.failed:
        said = (output.rstrip() or "(no output)").splitlines()
        if len(said) > SHOWN_LINES:
            said[SHOWN_LINES - 100:-100] = [f"… {len(said) - SHOWN_LINES} lines are left out …"]
        lines += ["    | " + line for line in said]
    with PRINTING:
        print("\n".join(lines), flush=True)


def meson_tests():
    """All tests that meson knows: name -> (argv, suites)."""
    listed = subprocess.run(["meson", "introspect", "--tests", BUILD], check=True,
                            stdout=subprocess.PIPE).stdout
    return {test["name"]: (test["cmd"], [suite.split(":")[-1] for suite in test["suite"]])
            for test in json.loads(listed)}


def run_meson(names):
    """Let meson run these tests side by side, and count each from its log."""
    total = Count()
    if not names:
        return total
    base = f"testlog-{os.getpid()}"  # somebody else may run tests of this build folder
    log = os.path.join(BUILD, "meson-logs", base + ".json")
    done = subprocess.run(["meson", "test", "-C", BUILD, "--no-rebuild", "--quiet", "--logbase", base,
                           "--num-processes", str(AT_ONCE), "--timeout-multiplier", "10", *names],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    seen = set()
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                test = json.loads(line)
                name = test["name"].split(" / ")[-1].split(":")[-1]
                seen.add(name)
                output = test.get("stdout", "") + test.get("stderr", "")
                is_good = test["result"] in ("OK", "EXPECTEDFAIL")
                count = count_output(output, 0 if is_good else 1)
                report(name, count, f"{output}\nmeson: {test['result']}", test["duration"])
                total.add(count)
    for left in glob.glob(os.path.join(BUILD, "meson-logs", base + ".*")):
        os.remove(left)
    for name in sorted(set(names) - seen):
        count = Count(0, 1)
        report(name, count, "did not run\n" + done.stdout.decode("utf-8", "replace"), 0)
        total.add(count)
    return total


def scripts(pattern):
    """Paths of the files that start with #!; the others are sourced by them."""
    for path in sorted(glob.glob(pattern, root_dir=ROOT)):
        with open(os.path.join(ROOT, path), "rb") as script:
            if script.read(2) == b"#!":
                yield path


def tests_of(suite):
    """What a suite runs that is not meson's: (name, argv) each; argv is None for what cannot be run."""
    _, how, what, *program = suite
    paths = sorted(glob.glob(what, root_dir=ROOT))
    if how == "files":
        return [(what, [os.path.join(BUILD, *program), *paths])] if paths else []
    if how == "each":  # a test is called after the folder that holds its file
        return [(os.path.basename(os.path.dirname(path)),
                 [os.path.join(ROOT, *program), BUILD, os.path.join(ROOT, path)]) for path in paths]
    return [(path, [os.path.join(ROOT, path), BUILD]
             if os.access(os.path.join(ROOT, path), os.X_OK) else None) for path in scripts(what)]


def run_and_count(name, argv):
    """Run one test: (its count, the seconds it took)."""
    start = time.monotonic()
    code, output = run(argv) if argv else (1, "is not executable")
    count, seconds = count_output(output, code), time.monotonic() - start
    report(name, count, output, seconds)
    return count, seconds


def run_suites(suites, programs):
    """Run suites, meson's first and then the tests of all others side by side: their counts."""
    totals, seconds = {suite[0]: Count() for suite in suites}, {suite[0]: 0 for suite in suites}
    others = [suite for suite in suites if suite[1] != "meson"]
    for name, _, what in (suite for suite in suites if suite[1] == "meson"):
        print(f"{name}:", flush=True)
        start = time.monotonic()
        totals[name] = run_meson([test for test, (_, its) in programs.items() if what in its])
        seconds[name] = time.monotonic() - start
    if others:
        print(", ".join(suite[0] for suite in others) + ":", flush=True)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = {pool.submit(run_and_count, *test): suite[0]
                   for suite in others for test in tests_of(suite)}
        for done in concurrent.futures.as_completed(running):
            count, took = done.result()
            totals[running[done]].add(count)
            seconds[running[done]] += took
    for name, _, what, *_ in suites:
        if not totals[name].passed and not totals[name].failed:
            print(f"  FAILED {name}: nothing ran: no {what}")
            totals[name].failed = 1
    print()
    for name, count in totals.items():
        print(f"{name}: {count.passed} ok, {count.failed} not, {seconds[name]:.1f} s")
    return totals


def run_one_test(name, programs):
    """TEST(name), wherever it stands: every unit test program is asked for it."""
    total = Count()
    for program, (argv, suites) in programs.items():
        if "unit" not in suites:
            continue
        start = time.monotonic()
        code, output = run([*argv, name])
        count = count_output(output, code, is_selection=True)
        if count.passed or count.failed:
            report(f"{program} {name}", count, output, time.monotonic() - start)
            total.add(count)
    return total


def read_suites():
    suites = []
    with open(os.path.join(ROOT, "tools", "suites"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                suites.append(line.split())
    return suites


def select(name, suites, programs):
    """Run what NAME means: a suite, a program, a script, a TEST."""
    for suite in suites:
        if suite[0] == name:
            return run_suites([suite], programs)[name]
    if name in programs:
        return run_meson([name])
    for suite in suites:
        if suite[1] == "files":
            for path in sorted(glob.glob(suite[2], root_dir=ROOT)):
                if name in (path, os.path.basename(path)):
                    return run_and_count(path, [os.path.join(BUILD, suite[3]), path])[0]
        elif suite[1] != "meson":
            for test, argv in tests_of(suite):
                if name in (test, os.path.basename(test), os.path.splitext(os.path.basename(test))[0]):
                    return run_and_count(test, argv)[0]
    return run_one_test(name, programs)


def run_all(suites, programs):
    total = Count()
    for count in run_suites(suites, programs).values():
        total.add(count)
    listed = {suite[2] for suite in suites if suite[1] == "meson"}
    for name, (_, its_suites) in programs.items():
        if not listed & set(its_suites):
            print(f"FAILED {name}: its suite {its_suites} is not in tools/suites")
            total.failed += 1
    return total


def main():
    programs = meson_tests()
    suites = read_suites()
    if len(sys.argv) > 2:
        print("usage: ./dev test [NAME]", file=sys.stderr)
        return 2
    if len(sys.argv) == 2:
        total = select(sys.argv[1], suites, programs)
        if not total.passed and not total.failed:
            print(f"no suite, program, script or TEST is named {sys.argv[1]}; suites: "
                  + " ".join(suite[0] for suite in suites))
            total.failed = 1
    else:
        total = run_all(suites, programs)
    print(total)
    return 1 if total.failed else 0


sys.exit(main())
