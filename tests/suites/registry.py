#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do our readers say of replies and records what the tests of other projects say?

usage: registry.py PROGRAM OTHERS ASYNCWHOIS RDAP OPENRDAP MTASTS JSON

PROGRAM is suite_registry; OTHERS lists, a line each with its reason, the cases where we differ on
purpose; the rest are the unpacked packages. Each field that a test of theirs states is one case. Ends
with `N passed, N failed`.
"""
import ast
import glob
import json
import os
import re
import subprocess
import sys

PROGRAM, OTHERS, ASYNCWHOIS, RDAP, OPENRDAP, MTASTS, JSON = sys.argv[1:]
CASES = []  # (name, input line, function of the answer that gives what is compared, wanted)


def date_part(field, part):
    return lambda answer: answer.get(field, "")[part[0]:part[1]]


def parse(answer):
    return json.loads(answer) or {}


# The tests of asyncwhois: which of their assertions are about what we read.
DATES = {"created_date": "created", "updated_date": "changed", "expires_date": "expires",
         "expired_date": "expires"}
PARTS = {"year": (0, 4), "month": (5, 7), "day": (8, 10)}
TEXTS = {"registrar": "registrar", "registrar_iana_id": "registrar_id",
         "registrar_abuse_email": "abuse_email"}
LISTS = {"name_servers": "name_servers", "status": "status"}


def field_of(expression, wanted):
    """What one of their expressions is in our answer, and its wanted value; None: not ours."""
    date = re.fullmatch(r"(\w+_date)\.(\w+)", expression)
    if date and date.group(1) in DATES:
        part = PARTS[date.group(2)]
        return date_part(DATES[date.group(1)], part), f"{wanted:0{part[1] - part[0]}}"
    text = re.fullmatch(r"parser_output\.get\('(\w+)'\)", expression)
    if text and text.group(1) in TEXTS:
        return lambda answer: answer.get(TEXTS[text.group(1)], ""), wanted or ""
    if text and text.group(1) == "dnssec" and wanted:
        return lambda answer: bool(answer.get("signed")), \
            wanted.lower() not in ("unsigned", "no", "unsigned delegation", "inactive")
    length = re.fullmatch(r"len\(parser_output\.get\('(\w+)'\)\)", expression)
    if length and length.group(1) in LISTS:
        return lambda answer: len(answer.get(LISTS[length.group(1)], [])), wanted
    return None


def add_whois():
    with open(os.path.join(ASYNCWHOIS, "tests/test_parser_output.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test_parser_"):
            continue
        name = test.name[len("test_parser_"):]
        path = os.path.join(ASYNCWHOIS, f"tests/samples/tld_{name}.txt")
        for call in ast.walk(test) if os.path.exists(path) else ():
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "assertEqual" \
                    and isinstance(call.args[1], ast.Constant):
                expression = ast.unparse(call.args[0])
                field = field_of(expression, call.args[1].value)
                if field:
                    CASES.append((f"whois {name} {expression}", f"whois {path}",
                                  lambda answer, get=field[0]: get(parse(answer)), field[1]))


def add_rdap():
    """Replies of rdap (PyPI): those about objects are read; names as their tests have them."""
    for path in sorted(glob.glob(os.path.join(RDAP, "tests/data/rdap/**/*.input"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            reply = json.load(file)
        name = os.path.relpath(path, os.path.join(RDAP, "tests/data"))
        CASES.append((f"rdap {name} handle", f"rdap {path}",
                      lambda answer: parse(answer).get("handle", ""), reply.get("handle", "")))
        expected = path[:-len("input")] + "expected"
        if os.path.exists(expected):
            with open(expected, encoding="utf-8") as file:
                CASES.append((f"rdap {name} name", f"rdap {path}",
                              lambda answer: parse(answer).get("holder", ""),
                              json.load(file)["name"]))
    for path in sorted(glob.glob(os.path.join(OPENRDAP, "test/testdata/rdap/*/*.json"))):
        with open(path, encoding="utf-8") as file:
            name = json.load(file)["ldhName"].lower()
        CASES.append((f"rdap {os.path.basename(path)} object", f"rdap {path}",
                      lambda answer: parse(answer).get("object", ""), name))
    for path in sorted(glob.glob(os.path.join(OPENRDAP, "test/testdata/misc/malformed.json"))):
        CASES.append(("rdap malformed.json", f"rdap {path}", parse, {}))


def parameters(tree, test):
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name == test:
            return ast.literal_eval(function.decorator_list[0].args[1])
    return []


def add_mta_sts():
    with open(os.path.join(MTASTS, "tests/test_utils.py"), encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for text, wanted in parameters(tree, "test_parse_mta_sts_record"):
        CASES.append((f"sts {text!r}", f"sts {text}", str, wanted.get("id", "-")))
    for text, wanted in parameters(tree, "test_is_plaintext"):
        CASES.append((f"type {text!r}", f"type {text}",
                      lambda answer: answer == "text/plain", wanted))


def add_json():
    """JSONTestSuite: y_ must be read, n_ refused, i_ may be either."""
    for path in sorted(glob.glob(os.path.join(JSON, "[yn]_*.json"))):
        name = os.path.basename(path)
        CASES.append((f"json {name}", f"json {path}", str,
                      "read" if name.startswith("y_") else "refused"))


def read_others():
    with open(OTHERS, encoding="utf-8") as lines:
        return {line.split("\t")[0]: line.rstrip("\n").split("\t")[1] for line in lines
                if line.strip() and not line.startswith("#")}


def main():
    for add in (add_whois, add_rdap, add_mta_sts, add_json):
        add()
    others, counts = read_others(), {}
    done = subprocess.run([PROGRAM], input="\n".join(case[1] for case in CASES).encode() + b"\n",
                          stdout=subprocess.PIPE, check=True)
    answers = done.stdout.decode("utf-8", "replace").split("\n")
    passed = failed = 0
    for (name, _, get, wanted), answer in zip(CASES, answers, strict=False):
        kind = name.split()[0]
        got = get(answer)
        is_fine = (got != wanted) if name in others else (got == wanted)
        counts.setdefault(kind, [0, 0, 0])[1 if name in others else 0 if is_fine else 2] += 1
        passed, failed = passed + is_fine, failed + (not is_fine)
        if not is_fine:
            print(f"{name}: got {got!r}, wanted {wanted!r}" +
                  (": it is listed as one where we differ" if name in others else ""))
    for kind, (same, listed, wrong) in counts.items():
        print(f"{kind}: {same} the same, {listed} listed as different, {wrong} wrong")
    if len(counts) != 5:
        print(f"not all five sets are there: {sorted(counts)}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
