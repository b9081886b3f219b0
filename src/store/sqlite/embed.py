#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the migrations as C.

usage: embed.py OUT.c NNNN_name.sql…     numbers go 1, 2, 3 … without a gap

The hash is BLAKE2b-256 of the file: what was applied is known for ever.
"""
import hashlib
import json
import os
import re
import sys


def entry(path, number):
    name = os.path.basename(path)
    match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", name)
    if not match or int(match.group(1)) != number:
        sys.exit(f"{path}: migration {number} is called {number:04}_name.sql")
    with open(path, "rb") as file:
        octets = file.read()
    digest = hashlib.blake2b(octets, digest_size=32).hexdigest()
    lines = "\n\t\t".join(json.dumps(line + "\n", ensure_ascii=True)
                          for line in octets.decode("utf-8").splitlines())
    return (f"\t{{ {number}, \"{match.group(2)}\",\n"
            f"\t\t\"{digest}\",\n\t\t{lines} }},\n")


def main():
    out, paths = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    entries = "".join(entry(path, number) for number, path in enumerate(paths, 1))
    with open(out, "w", encoding="ascii") as file:
        file.write("/* Made by embed.py. */\n#include \"store/sqlite/schema.h\"\n\n"
                   f"const struct sqlite_migration sqlite_migrations[] = {{\n{entries}}};\n"
                   f"const unsigned sqlite_migration_count = {len(paths)};\n")


main()
