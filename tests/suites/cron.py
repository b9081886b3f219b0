# SPDX-License-Identifier: Apache-2.0
"""Do cron expressions mean what the tests of robfig/cron and of cronsim say?

usage: cron.py ROBFIG_MODULE CRONSIM_TESTS OTHERS

OTHERS lists the rows that want another syntax or another rule: SOURCE, ROW, REASON between tabs. A row
that is listed must differ and be there; every other row must pass.
"""
import collections
import sys

import cron_cronsim
import cron_robfig
from cron_oracle import Oracle, Refused


def robfig(oracle, module):
    outcomes = {}
    for name, run in cron_robfig.rows(module):
        while name in outcomes:  # a row may stand there twice
            name += " again"
        try:
            outcomes[name] = run(oracle)
        except (Refused, cron_robfig.NotOurs) as error:
            outcomes[name] = f"{type(error).__name__}: {error}"
    return outcomes


def read_others(path):
    others = collections.defaultdict(dict)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                source, name, reason = line.rstrip("\n").split("\t")
                others[source][name] = reason
    return others


def compare(source, outcomes, others):
    """(passed, failed); says what differs."""
    failed = 0
    for name, outcome in outcomes.items():
        if outcome is not None and name not in others:
            print(f"{source}\t{name}\t{outcome}")
            failed += 1
        elif outcome is None and name in others:
            print(f"{source}\t{name}\tis listed as another's, but passes")
            failed += 1
    for name in others.keys() - outcomes.keys():
        print(f"{source}\t{name}\tis listed, but not there")
        failed += 1
    listed = others.keys() & outcomes.keys()
    passed = len(outcomes) - len(listed)
    print(f"{source}: {len(outcomes)} rows, {passed} ours, {len(listed)} others':")
    for reason, count in sorted(collections.Counter(others[name] for name in listed).items()):
        print(f"  {count:3} {reason}")
    return passed - failed if passed > failed else 0, failed


def main():
    module, tests, others_path = sys.argv[1:]
    oracle, others = Oracle(), read_others(others_path)
    counts = [
        compare("robfig", robfig(oracle, module), others["robfig"]),
        compare("cronsim", cron_cronsim.rows(oracle, tests), others["cronsim"]),
    ]
    passed, failed = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
