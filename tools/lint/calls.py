#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is each call made only where tools/lint/calls allows it?"""
import re
import sys

from source import Findings, code, files, line_of, read, table


def is_under(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def read_rules():
    rules = []
    for names, kind, paths, why in table("calls"):
        call = re.compile(r"(?<![\w.>])(" + "|".join(names.split()) + r")[ \t]*\(")
        rules.append((call, kind, [] if paths == "-" else paths.split(), why))
    return rules


def main():
    findings, rules = Findings(), read_rules()
    for path in files("src/*.c", "src/*.h"):
        text = code(read(path))
        for call, kind, paths, why in rules:
            if is_under(path, paths) == (kind == "only"):
                continue
            for match in call.finditer(text):
                findings.add(path, line_of(text, match.start()),
                             f"{match.group(1)}() may not be called here: {why}")
    return findings.code()


sys.exit(main())
