#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/public_suffix_list.dat into a sorted C table: names as A-labels, flags, offsets.

usage: psl_table.py data/public_suffix_list.dat psl_table.h
"""
import sys

RULE, WILDCARD, EXCEPTION, PRIVATE = 1, 2, 4, 8


def ascii_name(name):
    """The list is in lower case and NFC, so that Punycode is all that is missing."""
    labels = [label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
              for label in name.split(".")]
    return ".".join(labels)


def read_rules(path):
    rules, private = {}, 0
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if "===BEGIN PRIVATE DOMAINS===" in line:
            private = PRIVATE
        if not line or line.startswith("//"):
            continue
        name = line.split()[0]
        flag = RULE
        if name.startswith("!"):
            name, flag = name[1:], EXCEPTION
        elif name.startswith("*."):
            name, flag = name[2:], WILDCARD
        name = ascii_name(name)
        rules[name] = rules.get(name, 0) | flag | private
    return rules


def main():
    source, target = sys.argv[1:]
    rules = sorted(read_rules(source).items())
    if len(rules) < 5000:
        sys.exit(f"{source} holds {len(rules)} rules: not the list")
    offset, offsets = 0, []
    for name, _ in rules:
        offsets.append(offset)
        offset += len(name)
    offsets.append(offset)
    with open(target, "w", encoding="ascii") as out:
        out.write("/* Written by tools/data/psl_table.py from data/public_suffix_list.dat. */\n")
        out.write("static const char rule_names[] =\n")
        for name, _ in rules:
            out.write(f'\t"{name}"\n')
        out.write("\t;\nstatic const uint32_t rule_offsets[] = {\n")
        out.writelines(f"\t{value},\n" for value in offsets)
        out.write("};\nstatic const uint8_t rule_flags[] = {\n")
        out.writelines(f"\t{flags},\n" for _, flags in rules)
        out.write("};\n")


main()
