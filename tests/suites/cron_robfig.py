# SPDX-License-Identifier: Apache-2.0
"""The rows in the tests of github.com/robfig/cron, as functions that ask ours.

A row is (name, run): run(oracle) returns None when ours does what the row wants, else what it did.
Seconds are no field of ours: a row with "0" there means the five fields after it. A zone that the row
puts before the expression goes beside it.
"""
import datetime
import pathlib
import re

from cron_oracle import NEVER_FIRES, Refused

UTC = datetime.timezone.utc
LAYOUTS = ("%a %b %d %H:%M %Y", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S.%f %Y",
           "%Y-%m-%dT%H:%M:%S%z")
# The field whose bounds a row of TestRange, TestField or TestBits gives to the parser.
FIELDS = {("0", "7"): 4, ("1", "7"): 4, ("1", "5"): 4, ("0", "0"): 0}
BACKWARDS = "beyond end of range"  # whatever the bounds
SETS = ["minutes", "hours", "days", "months", "weekdays"]


class NotOurs(Exception):
    """The row cannot be asked of five fields."""


def instant(text):
    """(seconds UTC, name of the zone it is told in)."""
    zone = "UTC"
    if text.startswith("TZ="):
        zone, text = text[3:].split()
    for layout in LAYOUTS:
        try:
            time = datetime.datetime.strptime(text, layout)
        except ValueError:
            continue
        if time.utcoffset() == datetime.timedelta(hours=5, minutes=30):
            zone = "Asia/Kolkata"
        return int(time.replace(tzinfo=time.tzinfo or UTC).timestamp()), zone
    raise ValueError(text)


def expression(spec, has_seconds, zone="UTC"):
    """(five fields, zone)."""
    match = re.match(r"(?:CRON_)?TZ=(\S+)\s+(.*)", spec)
    if match:
        zone, spec = match.groups()
    fields = spec.split()
    if has_seconds and len(fields) == 6:
        if fields[0] != "0":
            raise NotOurs("seconds")
        spec = " ".join(fields[1:])
    return spec, zone


def refused(spec):
    def run(oracle):
        try:
            oracle.parse(spec)
        except Refused:
            return None
        return "accepted"
    return run


def fires_at(time, spec, wanted):
    def run(oracle):
        at, zone = instant(time)
        fields, zone = expression(spec, False, zone)
        got = oracle.next(zone, at - 1, fields)[0] == at
        return None if got == wanted else f"fires: {got}"
    return run


def fires_next(time, spec, wanted, has_seconds):
    def run(oracle):
        after, zone = instant(time)
        fields, zone = expression(spec, has_seconds, zone)
        try:
            got = oracle.next(zone, after, fields)[0]
        except Refused as error:
            return None if not wanted and error.code == NEVER_FIRES else str(error)
        if wanted and got == instant(wanted)[0]:
            return None
        return datetime.datetime.fromtimestamp(got, UTC).isoformat()
    return run


def set_is(spec, field, wanted):
    """wanted: a set of numbers."""
    def run(oracle):
        got = oracle.parse(spec)[SETS[field]]
        return None if got == ({day % 7 for day in wanted} if field == 4 else wanted) else str(got)
    return run


def in_field(field, text):
    return " ".join(text if i == field else "*" for i in range(5))


def same(spec, fields, has_seconds):
    def run(oracle):
        ours, _ = expression(spec, has_seconds)
        got, wanted = oracle.parse(ours), oracle.parse(fields)
        return None if got == wanted else str(got)
    return run


def not_ours(oracle):
    raise NotOurs("no field of ours, or no cron expression")


def shifts(text):
    """The set behind 1<<5 | 1<<7 | starBit, or behind a number."""
    if "<<" in text:
        return {int(each) for each in re.findall(r"1 ?<< ?(\d+)", text)}
    return {bit for bit in range(64) if int(text, 16) >> bit & 1}


def body(source, test):
    return re.search(r"^func %s\(.*?^}" % test, source, re.S | re.M).group()


def range_rows(source):
    for text, low, high, wanted, error in re.findall(
            r'\{"([^"]*)", (\d+), (\d+), ([^,]+), "([^"]*)"\}', body(source, "TestRange")):
        field = FIELDS.get((low, high), 4 if error == BACKWARDS else None)
        name = f"TestRange {text} in {low}-{high}"
        if field is None:
            yield name, not_ours
        elif error:
            yield name, refused(in_field(field, text))
        else:
            yield name, set_is(in_field(field, text), field, shifts(wanted))
    for text, low, high, wanted in re.findall(
            r'\{"([^"]*)", (\d+), (\d+), ([^,}]+)\}', body(source, "TestField")):
        field = FIELDS[low, high]
        yield f"TestField {text}", set_is(in_field(field, text), field, shifts(wanted))
    for field, wanted in enumerate(re.findall(r"\{\w+, (0x\w+)\}", body(source, "TestAll"))):
        yield f"TestAll {SETS[field]}", set_is("* * * * *", field, shifts(wanted))
    for low, high, step, wanted in re.findall(
            r"\{(\d+), (\d+), (\d+), (0x\w+)\}", body(source, "TestBits")):
        yield f"TestBits {low}-{high}/{step}", \
            set_is(in_field(0, f"{low}-{high}/{step}"), 0, shifts(wanted))


def schedule_rows(source):
    for spec, _ in re.findall(r'\{"([^"]*)", "([^"]*)"\}', body(source, "TestParseScheduleErrors")):
        yield f"TestParseScheduleErrors {spec}", refused(spec)
    wanted = {"every5min": "5 * * * *", "midnight": "0 0 * * *", "annual": "0 0 1 1 *"}
    for parser, spec, schedule in re.findall(
            r'\{(\w+), "([^"]*)", (\w+)', body(source, "TestParseSchedule")):
        yield f"TestParseSchedule {parser} {spec}", \
            same(spec, wanted[schedule], parser == "secondParser") if schedule in wanted \
            else not_ours
    for spec in re.findall(r'expr:\s+"([^"]*)"', body(source, "TestParseSchedule")):
        yield f"TestParseSchedule {spec}", same(spec, "5 * * * *", True)
    for spec, schedule in re.findall(
            r'\{"([^"]*)", (\w+)', body(source, "TestOptionalSecondSchedule")):
        yield f"TestOptionalSecondSchedule {spec}", same(spec, "5 * * * *", True)
    for name in re.findall(r'^\t\t\t"(\w+)",$', body(source, "TestNormalizeFields") +
                           body(source, "TestNormalizeFields_Errors"), re.M):
        yield f"TestNormalizeFields {name}", not_ours
    text = body(source, "TestStandardSpecSchedule")
    for spec, rest in re.findall(r'expr:\s+"([^"]*)",\s+(\w+)', text):
        yield f"TestStandardSpecSchedule {spec}", refused(spec) if rest == "err" else \
            not_ours if spec.startswith("@every") else same(spec, "5 * * * *", False)
    spec, = re.findall(r'Parse\("([^"]*)"\)', body(source, "TestNoDescriptorParser"))
    yield f"TestNoDescriptorParser {spec}", refused(spec)


def time_rows(source):
    for time, spec, wanted in re.findall(
            r'\{"([^"]*)", "([^"]*)", (true|false)\}', body(source, "TestActivation")):
        yield f"TestActivation {time} {spec}", fires_at(time, spec, wanted == "true")
    for test, has_seconds in (("TestNext", True), ("TestNextWithTz", False)):
        for time, spec, wanted in re.findall(
                r'\{"([^"]*)", "([^"]*)", "([^"]*)"\}', body(source, test)):
            yield f"{test} {time} {spec}", fires_next(time, spec, wanted, has_seconds)
    for spec in re.findall(r'^\t\t"([^"]*)",$', body(source, "TestErrors"), re.M):
        yield f"TestErrors {spec}", refused(spec)
    spec, = re.findall(r'schedule := "([^"]*)"', body(source, "TestSlash0NoHang"))
    yield f"TestSlash0NoHang {spec}", refused(spec)


def rows(module):
    parser = (pathlib.Path(module) / "parser_test.go").read_text(encoding="utf-8")
    yield from range_rows(parser)
    yield from schedule_rows(parser)
    yield from time_rows((pathlib.Path(module) / "spec_test.go").read_text(encoding="utf-8"))
    delays = (pathlib.Path(module) / "constantdelay_test.go").read_text(encoding="utf-8")
    for time, delay in re.findall(r'\{"([^"]*)", ([^"]+), "', delays):
        yield f"TestConstantDelayNext {time} {delay}", not_ours
