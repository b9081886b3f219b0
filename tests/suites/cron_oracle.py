# SPDX-License-Identifier: Apache-2.0
"""How do the suites on cron expressions ask ours? One line to build/…/suite_cron, one line back."""
import os
import subprocess

NEVER_FIRES = -33  # -EDOM


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Oracle:
    def __init__(self):
        build = os.environ.get("DSS_BUILD", "build/dev")
        self.process = subprocess.Popen([os.path.join(build, "tests/suites/suite_cron")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *fields):
        line = "\t".join(str(field) for field in fields)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        verdict, *rest = self.process.stdout.readline().decode().rstrip("\n").split("\t")
        if verdict != "ok":
            raise Refused(int(rest[0]), rest[1])
        return rest

    def parse(self, expression):
        """The sets of an expression, as Python sets."""
        (minutes, hours, days, months, weekdays, last, nth, last_day, last_workday, both,
         elapsed) = self.ask("parse", expression)
        return {
            "minutes": bits(minutes), "hours": bits(hours), "days": bits(days),
            "months": bits(months), "weekdays": bits(weekdays), "last_weekdays": bits(last),
            "nth_weekdays": {(day, n + 1) for n, mask in enumerate(nth.split(","))
                             for day in bits(mask)},
            "has_last_day": last_day == "1", "has_last_workday": last_workday == "1",
            "needs_both_days": both == "1", "is_by_elapsed_time": elapsed == "1",
        }

    def next(self, zone, after, expression, count=1):
        """The next fires after an instant, in seconds."""
        return [int(each) for each in self.ask("next", zone, after, count, expression)[0].split()]

    def all(self, zone, after, until, expression):
        """Every fire in (after, until]."""
        return [int(each) for each in self.ask("all", zone, after, until, expression)[0].split()]


def bits(text):
    return {bit for bit in range(64) if int(text) >> bit & 1}
