#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does what changed between two scans of a schedule arrive at a webhook, signed and once, and in a digest by mail?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
folder=$(mktemp -d "${TMPDIR:-/tmp}/dss-notified.XXXXXX")
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0
for day in 1 2; do
	INTERNET_DAY=$day tests/internet/run "$DSS_BUILD" demo tests/services/inside/notified "$day" "$folder" \
		>"$folder/said" 2>&1 || :
	sed '/^[0-9]* passed, [0-9]* failed$/d' "$folder/said"
	last=$(tail -n 1 "$folder/said")
	case $last in
	*' passed, '*' failed')
		passed=$((passed + ${last%% passed*}))
		last=${last##*passed, }
		failed=$((failed + ${last%% failed}))
		;;
	*)
		echo "FAILED day $day: it did not end"
		failed=$((failed + 1))
		;;
	esac
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
