#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is a list, or a stretch of code, written down twice under src/?"""
import re
import sys

from source import Findings, code, files, line_of, read

STRINGS_IN_A_ROW = 6
LINES_IN_A_ROW = 12
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"|;')  # a statement's end ends a list
COMMENT = re.compile(r"/\*.*?\*/|^[ \t]*#[^\n]*", re.S | re.M)


def windows(items, width):
    """(key, line, index) of each run of width items; items are (text, line)."""
    for start in range(len(items) - width + 1):
        run = items[start:start + width]
        if any(text is None for text, _ in run):
            continue
        yield tuple(text for text, _ in run), run[0][1], start


def literals(path):
    text = COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), read(path))
    return [(m.group(1), line_of(text, m.start())) for m in LITERAL.finditer(text)]


def code_lines(path):
    lines = []
    for number, line in enumerate(code(read(path)).split("\n"), 1):
        line = line.strip()
        if len(line) > 1 and not line.startswith("#include"):
            lines.append((line, number))
    return lines


def check(paths, items_of, width, what, findings):
    seen, told = {}, set()
    for path in paths:
        for key, line, start in windows(items_of(path), width):
            if len(set(key)) < width // 2:
                continue
            if key not in seen:
                seen[key] = (path, line, start)
                continue
            other, other_line, other_start = seen[key]
            if other == path and start - other_start < width:
                continue
            if (path, other) not in told:
                told.add((path, other))
                findings.add(path, line, f"{width} {what} stand in {other}:{other_line} too")


def main():
    findings = Findings()
    paths = files("src/*.c", "src/*.h")
    check(paths, literals, STRINGS_IN_A_ROW, "strings in a row", findings)
    check(paths, code_lines, LINES_IN_A_ROW, "lines of code", findings)
    return findings.code()


sys.exit(main())
