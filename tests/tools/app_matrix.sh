#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the table of who may what (tests/contract/app_matrix.c) name every public function of src/app?
set -eu
cd "$(dirname "$0")/../.."
passed=0 failed=0

# missing HEADER…: functions that the headers declare and the table does not name
missing() {
	sed -n 's/^[a-z].*[ *]\(app_[a-z_]*\)(.*/\1/p' "$@" | sort -u | while read -r name; do
		grep -q "ROW($name,\|{ \"$name\"," tests/contract/app_matrix.c || echo "$name"
	done
}

check() {
	if [ "$1" = "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s:\n%s\n' "$3" "$1"
	fi
}

check "$(missing src/app/*.h)" "" "public functions of src/app that the table does not name"

# It can fail.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'int app_domain_get(struct app *app,\nint app_domain_steal(struct app *app,\n' >"$header"
check "$(missing "$header")" app_domain_steal "a function that is missing"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
