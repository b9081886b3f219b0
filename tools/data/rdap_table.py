#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/rdap-bootstrap-dns.json (RFC 9224) into C arrays: suffixes in order, and their servers.

usage: rdap_table.py data/rdap-bootstrap-dns.json rdap_table.h
"""
import json
import sys

source, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    services = json.load(file)["services"]
suffixes = {}
for names, urls in services:
    url = next((url for url in urls if url.startswith("https:")), urls[0])
    for name in names:
        suffixes[name.lower()] = url if url.endswith("/") else url + "/"
bases = sorted(set(suffixes.values()))
for text in [*suffixes, *bases]:
    if not text.isascii() or '"' in text or "\\" in text:
        sys.exit(f"{source}: {text!r} cannot stand in C")
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/rdap_table.py from data/rdap-bootstrap-dns.json. */\n")
    file.write("static const char *const rdap_bases[] = {\n")
    file.writelines(f'\t"{base}",\n' for base in bases)
    file.write("};\nstatic const struct {\n\tconst char *suffix;\n\tuint16_t base;\n"
               "} rdap_suffixes[] = {\n")
    file.writelines(f'\t{{ "{suffix}", {bases.index(suffixes[suffix])} }},\n'
                    for suffix in sorted(suffixes, key=str.encode))
    file.write("};\n")
