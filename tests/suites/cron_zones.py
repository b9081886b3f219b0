# SPDX-License-Identifier: Apache-2.0
"""Do schedules fire as a walk over every minute of 15 years in Python's zoneinfo says?

Two plain readings of the rules in src/formats/cron.h, written without ours: what goes by elapsed time
is every minute whose local time matches; what has a fixed time is every local time of every day that
matches, at its first instant, or where the clock skips it at the first minute after the gap.
"""
import collections
import datetime
import sys
import zoneinfo

from cron_oracle import Oracle

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "Asia/Gaza", "Pacific/Easter"]
FIRST_YEAR, LAST_YEAR = 2024, 2038
UTC = datetime.timezone.utc
HOUR, MINUTE = 3600, 60
ANY = None


class Expression:
    """Text for ours, and the same as plain sets."""

    def __init__(self, text, minutes, hours, days=ANY, months=ANY, weekdays=ANY):
        self.text, self.minutes, self.hours = text, sorted(minutes), sorted(hours)
        self.days, self.months, self.weekdays = days, months, weekdays

    def matches_date(self, date):
        if self.months is not ANY and date.month not in self.months:
            return False
        in_days = self.days is ANY or date.day in self.days
        in_week = self.weekdays is ANY or date.isoweekday() % 7 in self.weekdays
        if self.days is ANY or self.weekdays is ANY:
            return in_days and in_week
        return in_days or in_week


EVERY_HOUR, EVERY_MINUTE = range(24), range(60)
FIXED = [
    Expression("30 2 * * *", {30}, {2}),
    Expression("0,15,30,45 1-3 * * *", {0, 15, 30, 45}, {1, 2, 3}),
    Expression("59 23,0 29 2 *", {59}, {0, 23}, {29}, {2}),
    Expression("10 0-3 1,15 * SUN", {10}, {0, 1, 2, 3}, {1, 15}, ANY, {0}),
    Expression("5/20 0/2 * 3,4,10,11 *", {5, 25, 45}, range(0, 24, 2), ANY, {3, 4, 10, 11}),
    Expression("0 0 * * 0", {0}, {0}, ANY, ANY, {0}),
]
ELAPSED = [
    Expression("0 * * * *", {0}, EVERY_HOUR),
    Expression("*/20 1-3 * * *", {0, 20, 40}, {1, 2, 3}),
    Expression("45 */3 * * SUN", {45}, range(0, 24, 3), ANY, ANY, {0}),
    Expression("* 2 25-31 3,10 *", EVERY_MINUTE, {2}, range(25, 32), {3, 10}),
]


def hours(zone):
    """(first second, offset of each of the 60 minutes) of every hour that has two offsets, and
    (first second, offset) of the others; a change and its way back never share an hour."""
    start = int(datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime.datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())
    for hour in range(start, end, HOUR):
        first, last = (offset(zone, at) for at in (hour, hour + HOUR - MINUTE))
        yield hour, first if first == last else None


def offset(zone, at):
    return int(datetime.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())


def elapsed_fires(zone):
    """{text: instants}"""
    fires = collections.defaultdict(list)
    for hour, constant in hours(zone):
        if constant is None or constant % HOUR:
            minutes = [(at, at + offset(zone, at)) for at in range(hour, hour + HOUR, MINUTE)]
        else:
            minutes = None
            local_hour = (hour + constant) // HOUR % 24
        for expression in ELAPSED:
            if minutes is None:
                if local_hour not in expression.hours:
                    continue
                if not expression.matches_date(
                        datetime.datetime.fromtimestamp(hour + constant, UTC).date()):
                    continue
                fires[expression.text] += [hour + MINUTE * each for each in expression.minutes]
                continue
            for at, local in minutes:
                time = datetime.datetime.fromtimestamp(local, UTC)
                if time.hour in expression.hours and time.minute in expression.minutes and \
                        expression.matches_date(time.date()):
                    fires[expression.text].append(at)
    return fires


def first_instant(zone, time):
    """The first instant of a local time, or the first minute after the gap that skips it."""
    while True:
        instant = time.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == time:
            return int(instant.timestamp())
        time += datetime.timedelta(minutes=1)


def fixed_fires(zone, expression):
    day, fires = datetime.date(FIRST_YEAR - 1, 12, 30), set()
    while day.year <= LAST_YEAR + 1 and day < datetime.date(LAST_YEAR + 1, 1, 3):
        if expression.matches_date(day):
            for hour in expression.hours:
                for minute in expression.minutes:
                    fires.add(first_instant(
                        zone, datetime.datetime(day.year, day.month, day.day, hour, minute)))
        day += datetime.timedelta(days=1)
    return sorted(fires)


def differs(name, ours, wanted):
    if ours == wanted:
        return 0
    for at in sorted(set(ours) ^ set(wanted))[:5]:
        print(f"{name}: {datetime.datetime.fromtimestamp(at, UTC)} UTC "
              f"{'is not wanted' if at in ours else 'is missing'}")
    return 1


def main():
    oracle, passed, failed, fires = Oracle(), 0, 0, 0
    start = int(datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime.datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) - 1
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        wanted = elapsed_fires(zone)
        for expression in FIXED:
            wanted[expression.text] = [at for at in fixed_fires(zone, expression)
                                       if start <= at <= end]
        for expression in FIXED + ELAPSED:
            ours = oracle.all(name, start - 1, end, expression.text)
            is_wrong = differs(f"{name} {expression.text}", ours, wanted[expression.text])
            passed, failed, fires = passed + 1 - is_wrong, failed + is_wrong, fires + len(ours)
    print(f"{fires} fires in {len(ZONES)} zones, {FIRST_YEAR} to {LAST_YEAR}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not fires else 0


sys.exit(main())
