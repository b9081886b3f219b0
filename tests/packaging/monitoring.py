# SPDX-License-Identifier: Apache-2.0
"""Does everything that rules, dashboard and documentation name come out of /metrics?

usage: monitoring.py        DSS_BUILD says which build
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "services")]
import dashboard
import server

FOLDER = "packaging/monitoring"
SELECTOR = re.compile(r"\b(dss_[a-z_]+)(?:\{([^}]*)\})?")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def exposed(text):
    """Name -> its labels, as /metrics has them."""
    series = {}
    for line in text.splitlines():
        match = re.match(r"([a-z_]+)(?:\{(.*)\})? ", line)
        if match and not line.startswith("#"):
            labels = set(re.findall(r'([a-z_]+)="', match.group(2) or ""))
            series.setdefault(match.group(1), set()).update(labels)
    return series


def unknown(expression, series):
    """Names and labels of the expression that /metrics has not."""
    for name, selectors in SELECTOR.findall(expression):
        if name not in series:
            yield f"{name} is no metric"
            continue
        for label in re.findall(r"([a-z_]+)\s*[=!]~?", selectors):
            if label not in series[name] | {"job", "instance"}:
                yield f"{name} has no label {label}"


def labels_between(text, series):
    """Labels that an aggregation or a legend names."""
    known = {"job", "instance", "queue", "state", "class", "route", "workspace", "le"}
    for words in re.findall(r"\b(?:by|without|on)\s*\(([^)]*)\)", text):
        for word in filter(None, map(str.strip, words.split(","))):
            if word not in known:
                yield f"no metric has a label {word}"


def expressions(content):
    """All of a dashboard's."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(content, list):
        for value in content:
            yield from expressions(value)


def main():
    cases = server.Cases()
    with server.Server(level="info") as api:
        text = api.get("/metrics").body.decode()
        api.get("/api/v1/domains")
        text = api.get("/metrics").body.decode()
    series = exposed(text)
    cases.true("there are metrics", len(series) >= 9, series)
    rules = re.sub(r"#.*", "", read(f"{FOLDER}/alerts.yml"))
    board = read(f"{FOLDER}/dashboard.json")
    for expression in [rules, *expressions(json.loads(board))]:
        cases.same(expression.strip()[:60], [],
                   [*unknown(expression, series), *labels_between(expression, series)])
    cases.true("a metric that is not there is seen", list(unknown("sum(dss_no_such)", series)))
    cases.true("a label too", list(unknown('dss_domains{colour="red"}', series)))

    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in series if name.startswith("dss_")}
    table = set(re.findall(r"^\| `(dss_[a-z_]+)", read("docs/operations.md"), re.M))
    cases.same("the page names each metric", sorted(families), sorted(table))
    alerts = set(re.findall(r"- alert: (\w+)", rules))
    cases.same("the page says what to do about each alert", sorted(alerts),
               sorted(set(re.findall(r"^\| (Dss\w+) \|", read("docs/operations.md"), re.M))))
    cases.same("each alert has a test that fires it", sorted(alerts), sorted(
        {name for name in re.findall(r"^ +alertname: (\w+)", read(f"{FOLDER}/alerts.test.yml"), re.M)}))

    cases.same("Grafana's schema knows the dashboard", [], dashboard.problems(board))
    for change in (('"refresh": "30s"', '"refresh": 5'), ('"gridPos"', '"gridPosition"'),
                   ('"schemaVersion": 39', '"schemaVersion": "39"'), ('"mode": "multi"', '"mode": "many"')):
        cases.true(f"{change[0]} exists", change[0] in board)
        cases.true(f"and not {change[1]}", dashboard.problems(board.replace(*change)))
    return cases.end()


sys.exit(main())
