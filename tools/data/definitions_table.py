#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile the definitions of external tools and APIs into C strings, in the order of their names.

usage: definitions_table.py definitions_table.h FILE.yaml…
"""
import pathlib
import sys

target, sources = sys.argv[1], sorted(map(pathlib.Path, sys.argv[2:]), key=lambda path: path.name)
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/definitions_table.py. */\n"
               "static const struct {\n\tconst char *name, *text;\n} shipped_definitions[] = {\n")
    for source in sources:
        name = f"{source.parent.name}/{source.name}"
        file.write(f'\t{{ "{name}",\n')
        for line in source.read_bytes().splitlines():
            text = "".join(chr(c) if 32 <= c < 127 and chr(c) not in '"\\?' else f"\\{c:03o}"
                           for c in line)
            file.write(f'\t  "{text}\\n"\n')
        file.write("\t},\n")
    file.write("\t{ 0 },\n};\n")
