#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does each layer include only from what tools/lint/layers allows it?"""
import os
import re
import sys

from source import ROOT, Findings, files, line_of, read, table

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.M)


def read_layers():
    return {row[0]: (set(row[1].split()) - {"-"}, row[2]) for row in table("layers")}


def markdown(layers):
    lines = ["| folder under `src/` | may include from | may not |", "|---|---|---|"]
    for name, (allowed, denied) in layers.items():
        order = [layer for layer in layers if layer in allowed]
        lines.append(f"| `{name}/` | {', '.join(order) or '–'} | {denied} |")
    return "\n".join(lines)


def check_file(path, layers, findings):
    layer = path.split("/")[1]
    text = read(path)
    if layer not in layers:
        findings.add(path, 1, f"folder src/{layer} has no row in tools/lint/layers")
        return
    for match in INCLUDE.finditer(text):
        target, line = match.group(1), line_of(text, match.start())
        if not os.path.exists(os.path.join(ROOT, "src", target)):
            if "/" not in target and os.path.exists(
                    os.path.join(ROOT, os.path.dirname(path), target)):
                findings.add(path, line, f'write "{os.path.dirname(path)[4:]}/{target}": '
                             "paths start at src/")
            continue  # generated, or the compiler says that it is not there
        other = target.split("/")[0]
        if other != layer and other not in layers[layer][0]:
            findings.add(path, line, f"{layer}/ may not include from {other}/")
        if layer == "roles" and target.startswith("roles/") and \
                target.split("/")[1] != path.split("/")[2] and target.count("/") > 1:
            findings.add(path, line, "a role may not include from another role")


def check_own_header_first(path, findings):
    own = path[4:-2] + ".h"
    if not path.endswith(".c") or not os.path.exists(os.path.join(ROOT, "src", own)):
        return
    text = read(path)
    match = INCLUDE.search(text)
    if match and match.group(1) != own and f'"{own}"' in text:
        findings.add(path, line_of(text, match.start()), f'"{own}" comes first')


def main():
    layers, findings = read_layers(), Findings()
    if sys.argv[1:] == ["--table"]:
        print(markdown(layers))
        return 0
    for path in files("src/*.c", "src/*.h"):
        if path.count("/") < 2:
            findings.add(path, 1, "a source file stands in a layer's folder")
            continue
        check_file(path, layers, findings)
        check_own_header_first(path, findings)
    if markdown(layers) not in read("ARCHITECTURE.md"):
        findings.add("ARCHITECTURE.md", 1, "its table of layers is not what "
                     "tools/lint/layers.py --table prints")
    return findings.code()


sys.exit(main())
