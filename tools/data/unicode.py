#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write data/unicode.txt: what UTS 46 and NFC need of the Unicode Character Database.

usage: tools/data/unicode.sh, which makes an environment with the pinned packages first.

One line a range (it ends where the next of its kind starts) or a character, hexadecimal:
    m START STATUS [MAPPING…]           UTS 46: V valid, D deviation, M mapped, I ignored, X not
    p START BIDI JOINING MARK CCC       Bidi_Class, Joining_Type or -, 1 when a mark, class of NFC
    d CHAR EXCLUDED PART [PART]         canonical decomposition; 1 when NFC does not compose it
"""
import sys

import unicodedata2 as ucd
from idna import idnadata, uts46data


def mapping_lines():
    last = None
    for start, status, *mapping in uts46data.uts46data:
        row = [status if status in "VDMI" else "X"]
        row += [f"{ord(char):X}" for char in mapping[0]] if status == "M" else []
        if row != last or status == "M":
            yield " ".join(["m", f"{start:X}"] + row)
        last = row


def property_lines():
    last = None
    for char in range(0x110000):
        text = chr(char)
        row = (ucd.bidirectional(text) or "L", chr(idnadata.joining_types.get(char, ord("-"))),
               int(ucd.category(text).startswith("M")), ucd.combining(text))
        if row != last:
            yield "p %X %s %s %d %d" % (char, *row)
        last = row


def decomposition_lines():
    for char in range(0x110000):
        if 0xAC00 <= char <= 0xD7A3:
            continue  # Hangul syllables decompose by arithmetic
        parts = ucd.decomposition(chr(char)).split()
        if not parts or parts[0].startswith("<"):
            continue
        excluded = int(ucd.normalize("NFC", chr(char)) != chr(char))
        yield " ".join(["d", f"{char:X}", str(excluded)] + [p.lstrip("0") for p in parts])


def main():
    if not uts46data.__version__ == idnadata.__version__ == ucd.unidata_version:
        sys.exit("the packages are of different Unicode versions")
    print(f"# Unicode {ucd.unidata_version}: UTS 46 mapping, bidi classes, joining types, "
          "canonical decompositions.")
    print("# Derived from the Unicode Character Database; Unicode License v3, "
          "Copyright Unicode, Inc.")
    print("# Written by tools/data/unicode.sh, whose top says what the lines are.")
    for lines in (mapping_lines(), property_lines(), decomposition_lines()):
        for line in lines:
            print(line)


main()
