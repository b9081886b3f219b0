# SPDX-License-Identifier: Apache-2.0
"""The tests of the Python package cronsim, unchanged, with ours in the package's place.

They import CronSim and CronSimError from a module `cronsim`: it is this one's, and asks ours.
"""
import datetime
import re
import sys
import types
import unittest

from cron_oracle import NEVER_FIRES, Refused

UTC = datetime.timezone.utc


class NotOurs(Exception):
    """Something of the package that is no question of when a schedule fires next."""


class CronSimError(Exception):
    pass


class Weekdays(set):
    """Days of the week: 0 and 7 are one day, whoever writes it."""

    def __eq__(self, other):
        def fold(days):
            return {(day[0] % 7, *day[1:]) if isinstance(day, tuple) else day % 7 for day in days}
        return fold(self) == fold(other)

    __hash__ = None


def module(oracle):
    class CronSim:
        LAST, LAST_WEEKDAY = -1000, -1001

        def __init__(self, expression, time, reverse=False):
            if reverse:
                raise NotOurs("backwards")
            self.expression, self.time = expression, time
            self.zone = getattr(time.tzinfo, "key", "UTC")
            try:
                sets = oracle.parse(expression)
            except Refused as error:
                field = re.match(r"[a-z ]+(?=,)", str(error))
                raise CronSimError(
                    "Bad day-of-month" if error.code == NEVER_FIRES else
                    "Wrong number of fields" if "fields; a cron" in str(error) else
                    f"Bad {field.group().replace(' ', '-')}" if field else str(error)) from error
            self.minutes, self.hours, self.months = sets["minutes"], sets["hours"], sets["months"]
            self.days = sets["days"] | ({self.LAST} if sets["has_last_day"] else set()) | \
                ({self.LAST_WEEKDAY} if sets["has_last_workday"] else set())
            self.weekdays = Weekdays(sets["weekdays"] | sets["nth_weekdays"] |
                                     {(day, self.LAST) for day in sets["last_weekdays"]})
            self.day_and = sets["needs_both_days"]
            is_fixed = time.tzinfo not in (None, UTC) and not sets["is_by_elapsed_time"]
            self.fixup_tz = time.tzinfo if is_fixed else None

        def __iter__(self):
            return self

        def __next__(self):
            after = self.time if self.time.tzinfo else self.time.replace(tzinfo=UTC)
            seconds = oracle.next(self.zone, int(after.timestamp()), self.expression)[0]
            time = datetime.datetime.fromtimestamp(seconds, after.tzinfo)
            self.time = time if self.time.tzinfo else time.replace(tzinfo=None)
            return self.time

        def explain(self):
            raise NotOurs("explain")

    ours = types.ModuleType("cronsim")
    ours.CronSim, ours.CronSimError = CronSim, CronSimError
    return ours


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = {}

    def startTest(self, test):
        super().startTest(test)
        self.outcomes[test.id()] = None

    def addError(self, test, err):
        self.outcomes[test.id()] = f"{err[0].__name__}: {err[1]}"

    addFailure = addError


def rows(oracle, folder):
    """{name: None, or what ours did}."""
    sys.modules["cronsim"] = module(oracle)
    sys.path.insert(0, folder)
    result = Result()
    unittest.defaultTestLoader.loadTestsFromName("test_cronsim").run(result)
    return {name.split(".", 1)[1]: outcome for name, outcome in result.outcomes.items()}
