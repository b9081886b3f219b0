#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/dnsbl.tsv into C arrays.

usage: dnsbl_table.py data/dnsbl.tsv dnsbl_table.h
"""
import sys

source, target = sys.argv[1:]
lists, codes = [], []
SEVERITIES = ["info", "low", "medium", "high", "critical"]
with open(source, encoding="ascii") as file:
    for number, line in enumerate(file, 1):
        words = line.rstrip("\n").split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if '"' in line or len(words) != {"list": 6, "code": 5, "error": 4}.get(words[0]):
            sys.exit(f"{source}:{number}: not a line of its three kinds")
        if words[0] == "list":
            what = set(words[2].split(","))
            if not what <= {"ipv4", "ipv6", "domain"} or ("domain" in what and len(what) > 1):
                sys.exit(f"{source}:{number}: lists what?")
            lists.append((words[1], what, *words[3:]))
        else:
            if words[1] not in [row[0] for row in lists]:
                sys.exit(f"{source}:{number}: which list?")
            severity = SEVERITIES.index(words[3]) if words[0] == "code" else 0
            codes.append((words[1], words[2], severity, words[-1], words[0] == "error"))
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/dnsbl_table.py from data/dnsbl.tsv. */\n"
               "static const struct dnsbl lists[] = {\n")
    for zone, what, listed, unlisted, name in lists:
        flags = " | ".join(sorted("DNSBL_" + word.upper() for word in what))
        file.write(f'\t{{ STR_INIT("{zone}"), {flags}, STR_INIT("{listed}"), '
                   f'STR_INIT("{unlisted}"), STR_INIT("{name}") }},\n')
    file.write("};\nstatic const struct {\n\tstruct str zone, codes;\n"
               "\tstruct dnsbl_meaning meaning;\n} codes[] = {\n")
    for zone, code, severity, meaning, is_error in codes:
        file.write(f'\t{{ STR_INIT("{zone}"), STR_INIT("{code}"), '
                   f'{{ {severity}, {str(is_error).lower()}, STR_INIT("{meaning}") }} }},\n')
    file.write("};\n")
