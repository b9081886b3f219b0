#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Did a scan of a scenario find what was planted, and nothing else?

expect.py FOLDER < RESULTS     compares; RESULTS has lines DOMAIN CHECK-ID VERDICT SUBJECT, of which
                               those that pass or do not apply count for nothing
expect.py --coverage < IDS     is every check id planted in some scenario?

Prints a line for each difference, then `N passed, N failed`. FOLDER has the files `expect` and,
where it names not all domains to scan, `domains`. See README.md.
"""
import fnmatch
import os
import sys

VERDICTS = {"fail", "unknown"}


def read_expect(path):
    required, allowed = [], []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split(" # ")[0].split()
            if not words or words[0].startswith("#"):
                continue
            is_allowed = words[0] == "?"
            words = words[1:] if is_allowed else words
            if len(words) not in (3, 4):
                sys.exit(f"{path}:{number}: DOMAIN CHECK-ID VERDICT [SUBJECT]")
            if not is_allowed and (words[2] not in VERDICTS or "*" in "".join(words[:3])):
                sys.exit(f"{path}:{number}: fail or unknown, and * only after ?")
            (allowed if is_allowed else required).append((number, words))
    return required, allowed


def fits(words, result):
    return (all(fnmatch.fnmatchcase(result[i], words[i]) for i in range(3))
            and (len(words) == 3 or words[3] == result[3]))


def compare(folder):
    path = os.path.join(folder, "expect")
    required, allowed = read_expect(path)
    results = []
    for line in sys.stdin:
        words = line.rstrip("\n").split(None, 3)
        if len(words) >= 3 and words[2] in VERDICTS:
            results.append((words + [""])[:4])
    passed, failed = 0, 0
    for number, words in required:
        if any(fits(words, result) for result in results):
            passed += 1
        else:
            failed += 1
            print(f"{path}:{number}: not found: {' '.join(words)}")
    for result in results:
        if not any(fits(words, result) for _, words in required + allowed):
            failed += 1
            print(f"{path}: not expected: {' '.join(result)}")
    return passed, failed


def coverage():
    scenarios = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scenarios")
    planted = set()
    for name in os.listdir(scenarios):
        path = os.path.join(scenarios, name, "expect")
        if os.path.exists(path):
            planted |= {words[1] for _, words in read_expect(path)[0]}
    checks = {line.strip() for line in sys.stdin if line.strip()}
    if not checks:
        sys.exit("no check ids")
    missing = sorted(checks - planted)
    for check in missing:
        print(f"no scenario plants {check}")
    return len(checks) - len(missing), len(missing)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    passed, failed = coverage() if sys.argv[1] == "--coverage" else compare(sys.argv[1])
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
