#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Refresh data/unicode.txt: the Unicode version is that of both packages, and of the test file that
# tests/suites/idna.sh runs; raise all three together.
set -eu
cd "$(dirname "$0")/../.."
venv=build/data/unicode
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check 'idna==3.11' 'unicodedata2==16.0.0'
"$venv/bin/python" tools/data/unicode.py >data/unicode.txt.new
mv data/unicode.txt.new data/unicode.txt
