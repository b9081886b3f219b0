#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/unicode.txt (tools/data/unicode.py says what is in it) into C arrays.

usage: unicode_table.py data/unicode.txt unicode_table.h
"""
import sys

STATUSES = "VDMIX"
BIDI = ["L", "R", "AL", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS", "ON", "LRE",
        "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"]
JOINING = ["-", "C", "D", "L", "R", "T", "U"]


def array(out, kind, name, values, form):
    out.append(f"static const {kind} {name}[] = {{")
    for at in range(0, len(values), 12):
        out.append("\t" + ", ".join(form % value for value in values[at:at + 12]) + ",")
    out.append("};")


def main():
    source, target = sys.argv[1:]
    maps, pool, props, parts, pairs = [], [], [], [], []
    for line in open(source, encoding="ascii"):
        words = line.split()
        if words[0] == "m":
            text = [int(word, 16) for word in words[3:]]
            maps.append((int(words[1], 16),
                         STATUSES.index(words[2]) << 28 | len(text) << 20 | len(pool)))
            pool += text
        elif words[0] == "p":
            props.append((int(words[1], 16),
                          BIDI.index(words[2]) | JOINING.index(words[3]) << 8 |
                          int(words[4]) << 12 | int(words[5]) << 16))
        elif words[0] == "d":
            char, first = int(words[1], 16), int(words[3], 16)
            second = int(words[4], 16) if len(words) > 4 else 0
            parts.append((char, first, second))
            if second and words[2] == "0":
                pairs.append((first << 32 | second, char))
    if len(pool) >= 1 << 20:
        sys.exit("the mapping pool has outgrown its 20 bits")
    pairs.sort()
    version = open(source, encoding="ascii").readline().split()[2].rstrip(":")
    out = ["/* Written by tools/data/unicode_table.py from data/unicode.txt. */",
           f'#define UNICODE_VERSION "{version}"']
    array(out, "uint32_t", "map_starts", [row[0] for row in maps], "0x%x")
    array(out, "uint32_t", "map_values", [row[1] for row in maps], "0x%x")
    array(out, "uint32_t", "map_pool", pool, "0x%x")
    array(out, "uint32_t", "prop_starts", [row[0] for row in props], "0x%x")
    array(out, "uint32_t", "prop_values", [row[1] for row in props], "0x%x")
    array(out, "uint32_t", "part_chars", [row[0] for row in parts], "0x%x")
    array(out, "uint32_t", "part_firsts", [row[1] for row in parts], "0x%x")
    array(out, "uint32_t", "part_seconds", [row[2] for row in parts], "0x%x")
    array(out, "uint64_t", "pair_keys", [row[0] for row in pairs], "0x%xu")
    array(out, "uint32_t", "pair_chars", [row[1] for row in pairs], "0x%x")
    with open(target, "w", encoding="ascii") as file:
        file.write("\n".join(out) + "\n")


main()
