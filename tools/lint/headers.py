#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each header guard itself by its path, and does each public function of it stand somewhere?"""
import re
import sys

from source import Findings, code, files, line_of, read

PROTOTYPE = re.compile(r"^(?!typedef|static|#|extern)[\w *]+?[ *](\w+)\([^;{]*\)[^;{]*;", re.M)


def main():
    findings = Findings()
    headers = files("src/*.h")
    sources = "\n".join(code(read(path)) for path in files("src/*.c", "src/*.h", "tests/*.c"))
    words = re.findall(r"\b(\w+)\s*\(", sources)
    defined = {}
    for word in words:
        defined[word] = defined.get(word, 0) + 1
    for path in headers:
        text = code(read(path))
        guard = "DSS_" + re.sub(r"\W", "_", path[4:]).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            findings.add(path, 1, f"the include guard is {guard}")
        for match in PROTOTYPE.finditer(text):
            name = match.group(1)
            if defined.get(name, 0) < 2 and not name.startswith("__"):
                findings.add(path, line_of(text, match.start(1)),
                             f"{name}() is declared and stands nowhere else")
    return findings.code()


sys.exit(main())
