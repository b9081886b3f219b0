#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each file start with its licence and its question, and hold no word of tools/lint/words?"""
import os
import re
import sys

from source import Findings, files, line_of, read, table

SPDX = "SPDX-License-Identifier: Apache-2.0"
NAMES = re.compile(r"(^|[_-])(utils?|common|helpers?|misc)([_.-]|$)|[_-](new|old|v?[0-9]{1,2}|"
                   r"20[0-9]{2})\.[ch]$")
WORDS = "tools/lint/words"


def check_first_lines(path, findings):
    lines = read(path).splitlines()[:2]
    if path.endswith((".c", ".h")):
        if not lines or lines[0] != f"/* {SPDX} */":
            findings.add(path, 1, f"the first line is /* {SPDX} */")
        elif len(lines) < 2 or not lines[1].startswith("/*"):
            findings.add(path, 2, "the second line says what the file is for")
    elif not any(SPDX in line for line in lines):
        findings.add(path, 1, f"the first two lines hold {SPDX}")


def check_words(findings):
    for expression, patterns, why in table("words"):
        word = re.compile(expression, re.I | re.M)
        for path in files(*patterns.split()):
            if path == WORDS or path.startswith("data/"):
                continue
            text = read(path)
            for match in word.finditer(text):
                findings.add(path, line_of(text, match.start()),
                             f'"{match.group(0).strip()}": {why}')


def main():
    findings = Findings()
    for path in files("*.c", "*.h", "*.sh", "*.py", "dev", ".ci/run"):
        check_first_lines(path, findings)
        if NAMES.search(os.path.basename(path)):
            findings.add(path, 1, "named after a noun, without number or date; no utils, "
                         "common, helpers, misc")
    check_words(findings)
    return findings.code()


sys.exit(main())
