#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Are files and functions small enough to read? 600 lines warn, 1,000 fail; 60 warn, 80 fail."""
import re
import sys

from source import Findings, code, files, line_of, read

FILE_WARNS, FILE_FAILS = 600, 1000
FUNCTION_WARNS, FUNCTION_FAILS = 60, 80
# Data, not code: a path, and why it may be long.
DATA_TABLES = {}

# A body starts with a brace at the margin, as the braces of .clang-format do, after a ')'.
BODY = re.compile(r"\)[^;{}=]*\n\{\n(.*?)^\}", re.S | re.M)


def check_functions(path, text, findings):
    blank = code(text)
    for match in BODY.finditer(blank):
        lines = match.group(1).count("\n")
        if lines <= FUNCTION_WARNS:
            continue
        head = blank[:match.start() + 1].rstrip().rsplit("\n\n", 1)[-1]
        name = re.search(r"(\w+)\s*\(", head)
        message = f"{name.group(1) if name else 'function'} has {lines} lines; " \
                  f"up to {FUNCTION_WARNS} is the aim"
        line = line_of(blank, match.start())
        if lines > FUNCTION_FAILS:
            findings.add(path, line, message)
        else:
            findings.warn(path, line, message)


def main():
    findings = Findings()
    patterns = ("src/*.[ch]", "tests/*.[ch]", "fuzz/*.[ch]", "bench/*.[ch]", "*.sh", "*.py", "dev")
    for path in files(*patterns):
        text = read(path)
        lines = text.count("\n")
        if path in DATA_TABLES:
            continue
        if lines > FILE_FAILS:
            findings.add(path, 1, f"{lines} lines; more than {FILE_FAILS} is too long")
        elif lines > FILE_WARNS:
            findings.warn(path, 1, f"{lines} lines; above {FILE_WARNS} it answers two questions")
        if path.endswith(".c"):
            check_functions(path, text, findings)
    for path in DATA_TABLES:
        if path not in files(path):
            findings.add("tools/lint/sizes.py", 1, f"DATA_TABLES names {path}, which is gone")
    return findings.code()


sys.exit(main())
