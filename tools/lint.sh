#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is the tree as its conventions want it? Runs the steps under tools/lint, or those that are named.
# usage: ./dev lint [STEP…]     each step prints file:line: what is wrong; the last line is the sum
set -eu
cd "$(dirname "$0")/.."
steps='layers calls fields sizes words twice headers shell format reference cppcheck tidy'
[ $# -eq 0 ] || steps=$*
tools/install.sh build lint

passed=0 failed=0
for step in $steps; do
	program=$(find tools/lint -maxdepth 1 -name "$step.sh" -o -maxdepth 1 -name "$step.py")
	if [ -z "$program" ]; then
		printf 'lint: no step "%s": %s\n' "$step" "$steps" >&2
		exit 2
	fi
	printf '%s: %s\n' "$step" "$(sed -n '3{s/^[# "]*//;s/"*$//;p}' "$program")"
	if "$program"; then
		passed=$((passed + 1))
	else
		printf '%s: FAILED\n' "$step"
		failed=$((failed + 1))
	fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
