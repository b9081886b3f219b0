# SPDX-License-Identifier: Apache-2.0
"""Rewrite IdnaTestV2.txt as lines for suite_idna: fields between tabs, text as hexadecimal of UTF-8.

SOURCE	UNICODE	STATUS	ASCII	STATUS		a status is "ok" or "error"

Rows with lone surrogates are no text in UTF-8 and cannot be asked. Of the codes, X4_2 marks what
toUnicode does not check (the length of a label).
"""
import re
import sys


def unescape(field):
    if field == '""':
        return ""
    field = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: chr(int(m[1], 16)), field)
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), field)


def status(field):
    codes = [code.strip() for code in field.strip("[]").split(",") if code.strip()]
    return "error" if [code for code in codes if not code.startswith("X")] else "ok"


def main():
    for line in open(sys.argv[1], encoding="utf-8"):
        line = line.split("#")[0]
        if not line.strip():
            continue
        fields = [field.strip(" \t\n") for field in line.split(";")]
        source = unescape(fields[0])
        shown = unescape(fields[1]) if fields[1] else source
        shown_status = fields[2]
        name = unescape(fields[3]) if fields[3] else shown
        name_status = fields[4] or shown_status
        try:
            texts = [text.encode("utf-8").hex() for text in (source, shown, name)]
        except UnicodeEncodeError:
            continue
        print(texts[0], texts[1], status(shown_status), texts[2], status(name_status), sep="\t")


main()
