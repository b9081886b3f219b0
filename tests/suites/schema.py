# SPDX-License-Identifier: Apache-2.0
"""Do the golden reports validate, are their sums right, and would the schema notice a wrong one?"""
import copy
import json
import sys
from decimal import Decimal

from jsonschema import Draft202012Validator

schema = json.load(open("docs/schema/scan.schema.json"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
passed = failed = 0


def case(name, is_right):
    global passed, failed
    passed += bool(is_right)
    failed += not is_right
    if not is_right:
        print("FAILED", name)


def is_valid(document):
    return validator.is_valid(document)


def paths(node, prefix=""):
    """Every member of every object, as (holder, key, path)."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        path = f"{prefix}.{key}"
        if isinstance(node, dict):
            yield path
        yield from paths(value, path)


def holder_of(document, path):
    *outer, last = path.strip(".").split(".")
    for key in outer:
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document, last


run = json.load(open("tests/golden/scan.json"))
case("scan.json", is_valid(run))
records = [json.loads(line, parse_float=Decimal) for line in open("tests/golden/scan.jsonl")]
plain = [json.loads(line) for line in open("tests/golden/scan.jsonl")]
case("scan.jsonl has a scan, a failed and a rejected one",
     [r["state"] for r in plain] == ["incomplete", "failed", "rejected"])
for record in plain:
    case(f"scan.jsonl {record['state']}", is_valid(record))
case("both formats tell the same", run["scans"] == plain)

scan = records[0]
for area in scan["areas"]:
    taken = sum(d["points"] for d in scan["deductions"] if d["area"] == area["area"])
    case(f"{area['area']} adds up", area["points_max"] - taken == area["points"])
applied = [a for a in scan["areas"] if a["applies"]]
case("points", sum(a["points"] for a in applied) == scan["points"])
case("points_max", sum(a["points_max"] for a in applied) == scan["points_max"])
case("score", int(scan["points"] * 100 / scan["points_max"] + Decimal("0.5")) == scan["score"])

# A member of a wrong type is noticed wherever it stands.
for path in paths(plain[0]):
    if ".evidence." in path:
        continue
    wrong = copy.deepcopy(plain[0])
    holder, key = holder_of(wrong, path)
    holder[key] = {"wrong": True} if not isinstance(holder[key], dict) else 17
    case(f"a wrong {path}", not is_valid(wrong))

print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
