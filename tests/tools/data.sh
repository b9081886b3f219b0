#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is a snapshot without its row in data/README.md refused, and a row that says nothing?
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/data"
: >"$tree/data/list.txt"
passed=0 failed=0

count() {
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n' "$2"
	fi
}

# table ROW…: data/README.md with these rows
table() {
	{
		printf '| file | source | date | licence | good for | refresh |\n|---|---|---|---|---|---|\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$tree/data/README.md"
}

# refuses TEXT
refuses() {
	bad=0
	said=$(tools/data/files_table.py "$tree/data/README.md" "$tree/table.h" 2>&1) && bad=1
	printf '%s\n' "$said" | grep -qF -- "$1" || bad=1
	count $bad "wanted to be refused with \"$1\", but: $said"
}

good='| list.txt | here | 2026-01-31 | none | 30 days | by hand |'
table "$good"
tools/data/files_table.py "$tree/data/README.md" "$tree/table.h" && code=0 || code=$?
count "$code" 'a table with every file'
grep -qF '{ "list.txt", 20484, 30 },' "$tree/table.h" && code=0 || code=$?
count "$code" "2026-01-31 is day 20484, but: $(cat "$tree/table.h")"
table
refuses 'list.txt: a file, and no row'
table "$good" '| other.txt | here | 2026-01-31 | none | 30 days | by hand |'
refuses 'other.txt: a row, and no file'
table "$good" "$good"
refuses 'names a file twice'
table '| list.txt | here | 2026-02-31 | none | 30 days | by hand |'
refuses 'the date "2026-02-31"'
table '| list.txt | here | 2026-01-31 | none | a while | by hand |'
refuses 'good for "a while"'
table '| list.txt | here | 2026-01-31 | none | 30 days |'
refuses '5 columns, not 6'
printf '| file | date |\n' >"$tree/data/README.md"
refuses "the table's columns are"

# What a build would refuse only where the README has changed.
tools/data/files_table.py data/README.md "$tree/table.h" && code=0 || code=$?
count "$code" 'data/README.md'

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
