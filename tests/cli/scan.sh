#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss work from end to end: scans, questions and judgements inside the fake internet?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
passed=0 failed=0
for scenario in clean hostile-text; do
	said=$(tests/internet/run "$DSS_BUILD" "$scenario" "tests/cli/inside/$scenario" 2>&1) || said="$said
"
	printf '%s\n' "$said" | sed '/^[0-9]* passed, [0-9]* failed$/d; /^$/d'
	said=$(printf '%s\n' "$said" | sed '/^$/d')
	last=$(printf '%s\n' "$said" | tail -n 1)
	case $last in
	*' passed, '*' failed')
		passed=$((passed + ${last%% passed*}))
		last=${last##*passed, }
		failed=$((failed + ${last%% failed}))
		;;
	*)
		echo "FAILED $scenario: it did not end"
		failed=$((failed + 1))
		;;
	esac
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
