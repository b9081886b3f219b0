#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/dnssec-algorithms.tsv into C arrays, one for each registry.

usage: dnssec_table.py data/dnssec-algorithms.tsv dnssec_table.h
"""
import sys

ADVICE = {"MUST NOT", "NOT RECOMMENDED", "MAY", "RECOMMENDED", "MUST"}
source, target = sys.argv[1:]
tables = {"algorithm": [], "digest": []}
with open(source, encoding="ascii") as file:
    for line in file:
        if line.startswith("#") or not line.strip():
            continue
        registry, number, name, use, validation, octets = line.rstrip("\n").split("\t")
        if not {use, validation} <= ADVICE:
            sys.exit(f"{source}: {name}: no such advice")
        words = [f"DNSSEC_{word.replace(' ', '_')}" for word in (use, validation)]
        is_rsa = octets == "RSA"
        tables[registry].append(
            f'\t{{ .number = {int(number)}, .name = STR_INIT("{name}"), .use = {words[0]}, '
            f".validation = {words[1]}, .octets = {0 if is_rsa else int(octets)}, "
            f".is_rsa = {str(is_rsa).lower()} }},\n")
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/dnssec_table.py from data/dnssec-algorithms.tsv. */\n")
    for registry, rows in tables.items():
        file.write(f"static const struct dnssec_algorithm {registry}s[] = {{\n")
        file.writelines(rows)
        file.write("};\n")
