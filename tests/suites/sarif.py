# SPDX-License-Identifier: Apache-2.0
"""usage: sarif.py SCHEMA.go FOLDER: are the reports valid, and does each finding point to its line?"""
import copy
import json
import re
import sys
from urllib.parse import unquote, urlsplit

from jsonschema import Draft4Validator

source, folder = sys.argv[1:]
text = open(source).read()
schema = json.loads(text[text.index("`") + 1:text.rindex("`")])
Draft4Validator.check_schema(schema)
validator = Draft4Validator(schema)
passed = failed = 0


def case(name, is_right):
    global passed, failed
    passed += bool(is_right)
    failed += not is_right
    if not is_right:
        print("FAILED", name)


reports = {name: json.load(open(f"{folder}/{name}.sarif")) for name in ("list", "single", "empty")}
for name, report in reports.items():
    errors = [error.message for error in validator.iter_errors(report)]
    case(f"{name}: {errors[:3]}", not errors)
wrong = copy.deepcopy(reports["list"])
wrong["runs"][0]["results"][0]["level"] = "fatal"
case("the schema sees a wrong level", not validator.is_valid(wrong))

lines = open(f"{folder}/our domains.txt").read().split("\n")
results = reports["list"]["runs"][0]["results"]
rules = {rule["id"] for rule in reports["list"]["runs"][0]["tool"]["driver"]["rules"]}
case("there are findings", len(results) > len(lines))
case("nothing is found in an empty list", reports["empty"]["runs"][0]["results"] == [])
case("rules are told once", len(rules) == len(reports["list"]["runs"][0]["tool"]["driver"]["rules"]))
keys = set()
for result in results:
    place = result["locations"][0]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    line = place["physicalLocation"]["region"]["startLine"]
    name = place["logicalLocations"][0]["fullyQualifiedName"]
    label = f"{result['ruleId']} of {name}"
    case(f"{label}: a relative reference to the list", not urlsplit(uri).scheme
         and not uri.startswith("/") and unquote(uri).endswith("our domains.txt"))
    case(f"{label}: line {line}", lines[line - 1] == name)
    case(f"{label}: a rule", result["ruleId"] in rules)
    case(f"{label}: one key", (result["partialFingerprints"]["finding/v1"], result["message"]["text"])
         not in keys)
    keys.add((result["partialFingerprints"]["finding/v1"], result["message"]["text"]))
    case(f"{label}: text", not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
                                         result["message"]["text"]))
case("the rejected line", [r for r in results if r["ruleId"] == "scan.rejected"
                           and r["message"]["text"].startswith('"no name"')])
alone = reports["single"]["runs"][0]["results"]
case("without a list it is called like the domain",
     alone and all(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                   == r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in alone))
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
