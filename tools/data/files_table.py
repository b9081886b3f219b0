#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile the table of data/README.md into a C array: each file, its date, and for how long it is good.

usage: files_table.py data/README.md files_table.h

Every other file beside the README must have its row, and every row its file. Definitions in folders say their source and
date themselves.
"""
import datetime
import os
import sys

source, target = sys.argv[1:]
columns = ["file", "source", "date", "licence", "good for", "refresh"]
with open(source, encoding="utf-8") as file:
    table = [[cell.strip() for cell in line.strip().strip("|").split("|")]
             for line in file if line.startswith("|")]
if table[:1] != [columns]:
    sys.exit(f"{source}: the table's columns are {' | '.join(columns)}")

rows = []
for cells in table[2:]:
    if len(cells) != len(columns):
        sys.exit(f"{source}: {cells[0]}: {len(cells)} columns, not {len(columns)}")
    name, _, date, _, good_for, _ = cells
    number, _, unit = good_for.partition(" ")
    if not number.isdigit() or int(number) == 0 or unit != "days":
        sys.exit(f'{source}: {name}: good for "{good_for}", not "N days"')
    try:
        day = (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days
    except ValueError:
        sys.exit(f'{source}: {name}: the date "{date}" is not YYYY-MM-DD')
    rows.append((name, day, int(number)))

named = [name for name, _, _ in rows]
folder = os.path.dirname(source) or "."
there = [name for name in os.listdir(folder) if name != "README.md" and os.path.isfile(os.path.join(folder, name))]
for name in sorted(set(named) ^ set(there)):
    sys.exit(f"{source}: {name}: " + ("a row, and no file" if name in named else "a file, and no row"))
if len(set(named)) != len(named):
    sys.exit(f"{source} names a file twice")

with open(target, "w", encoding="ascii") as file:
    file.write("/* Written by tools/data/files_table.py from data/README.md. */\n")
    file.write("static const struct data_file files[] = {\n")
    file.writelines(f'\t{{ "{name}", {day}, {days} }},\n' for name, day, days in rows)
    file.write("};\n")
