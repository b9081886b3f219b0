#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each field of a descriptor have a number of its own?"""
import re
import sys

from source import Findings, code, files, line_of, read

BLOCK = re.compile(r"\bstruct\s+desc_field\s+(\w+)\[\]\s*=\s*\{(.*?)^\};", re.S | re.M)
FIELD = re.compile(r"\b[A-Z][A-Z_]*\(\s*(\d+)\s*,")


def main():
    findings = Findings()
    blocks = 0
    for path in files("src/*.c", "tests/*.c"):
        text = code(read(path))
        for block in BLOCK.finditer(text):
            blocks += 1
            seen = {}
            for field in FIELD.finditer(block.group(2)):
                number = int(field.group(1))
                line = line_of(text, block.start(2) + field.start())
                if number in seen:
                    findings.add(path, line, f"{block.group(1)} uses number {number} again; "
                                             f"it is in line {seen[number]} already")
                seen.setdefault(number, line)
            if not seen:
                findings.add(path, line_of(text, block.start()),
                             f"no field of {block.group(1)} could be read: see {sys.argv[0]}")
    if not blocks:
        findings.add("src", 0, "no descriptor found: this step looks for nothing")
    return findings.code()


sys.exit(main())
