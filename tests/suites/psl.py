# SPDX-License-Identifier: Apache-2.0
"""Rewrite the tests of the public suffix list as lines: NAME or "-", then RESULT or "-"."""
import re
import sys

for line in open(sys.argv[1], encoding="utf-8"):
    found = re.match(r"checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);", line)
    if found:
        print("\t".join("-" if field == "null" else field.strip("'") for field in found.groups()))
