#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile data/dkim-selectors.txt into a C array, in its order.

usage: selectors_table.py data/dkim-selectors.txt selectors_table.h
"""
import sys

source, target = sys.argv[1:]
with open(source, encoding="ascii") as file:
    lines = [line.split("#")[0].strip() for line in file]
selectors = [line for line in lines if line]
if len(set(selectors)) != len(selectors):
    sys.exit(f"{source} holds a selector twice")
with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/selectors_table.py from data/dkim-selectors.txt. */\n")
    file.write("static const struct str selectors[] = {\n")
    file.writelines(f'\tSTR_INIT("{selector}"),\n' for selector in selectors)
    file.write("};\n")
