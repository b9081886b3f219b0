#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/whois.tsv into C arrays; keys in order, so that they can be searched.

usage: whois_table.py data/whois.tsv whois_table.h
"""
import sys

source, target = sys.argv[1:]
rows = {"ask": [], "key": [], "free": []}
with open(source, encoding="ascii") as file:
    for number, line in enumerate(file, 1):
        words = line.rstrip("\n").split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if words[0] not in rows or len(words) != (2 if words[0] == "free" else 3) or '"' in line:
            sys.exit(f"{source}:{number}: not a line of its three kinds")
        rows[words[0]].append(words[1:])
keys = sorted((key, field) for field, key in rows["key"])
if len({key for key, _ in keys}) != len(keys):
    sys.exit(f"{source}: a key stands twice")
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/whois_table.py from data/whois.tsv. */\n")
    file.write("static const struct {\n\tstruct str server, query;\n} whois_asks[] = {\n")
    file.writelines(f'\t{{ STR_INIT("{server}"), STR_INIT("{query}") }},\n'
                    for server, query in rows["ask"])
    file.write("};\nstatic const struct {\n\tstruct str key;\n\tuint8_t field;\n"
               "} whois_keys[] = {\n")
    file.writelines(f'\t{{ STR_INIT("{key}"), WHOIS_{field.upper().replace("-", "_")} }},\n'
                    for key, field in keys)
    file.write("};\nstatic const struct str whois_free[] = {\n")
    file.writelines(f'\tSTR_INIT("{text}"),\n' for text, in rows["free"])
    file.write("};\n")
