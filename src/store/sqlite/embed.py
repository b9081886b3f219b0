#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the migrations as C.

usage: embed.py OUT.c sqlite|postgres NNNN_name.sql…     numbers go 1, 2, 3 … without a gap

PostgreSQL's begin with "-- works with releases from schema N" (store/postgres/schema.h).

The hash is BLAKE2b-256 of the file: what was applied is known for ever.
"""
import hashlib
import json
import os
import re
import sys


def works_from(path, text, number):
    match = re.match(r"-- works with releases from schema (\d+)\n", text)
    if not match or not 1 <= int(match.group(1)) <= number:
        sys.exit(f"{path}: its first line says which releases can work with it")
    return f"{int(match.group(1))}, "


def entry(path, number, backend):
    name = os.path.basename(path)
    match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", name)
    if not match or int(match.group(1)) != number:
        sys.exit(f"{path}: migration {number} is called {number:04}_name.sql")
    with open(path, "rb") as file:
        octets = file.read()
    digest = hashlib.blake2b(octets, digest_size=32).hexdigest()
    lines = "\n\t\t".join(json.dumps(line + "\n", ensure_ascii=True)
                          for line in octets.decode("utf-8").splitlines())
    least = works_from(path, octets.decode("utf-8"), number) if backend == "postgres" else ""
    return (f"\t{{ {number}, {least}\"{match.group(2)}\",\n"
            f"\t\t\"{digest}\",\n\t\t{lines} }},\n")


def main():
    out, backend, paths = sys.argv[1], sys.argv[2], sorted(sys.argv[3:], key=os.path.basename)
    entries = "".join(entry(path, number, backend) for number, path in enumerate(paths, 1))
    with open(out, "w", encoding="ascii") as file:
        file.write(f"/* Made by embed.py. */\n#include \"store/{backend}/schema.h\"\n\n"
                   f"const struct {backend}_migration {backend}_migrations[] = {{\n{entries}}};\n"
                   f"const unsigned {backend}_migration_count = {len(paths)};\n")


main()
