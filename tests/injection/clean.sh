#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clean.sh BUILD_DIR: scan the clean domains of the fake internet, then judge their facts again, once for
# each question with its answer replaced by a time-out. None may add a finding.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
folder=$here/internet/scenarios/clean
facts=$(mktemp "${TMPDIR:-/tmp}/injection.XXXXXX")
trap 'rm -f "$facts"' EXIT

domains=$(sed 's/#.*//' "$folder/domains")
# shellcheck disable=SC2086
"$here/internet/run" "$build" "$folder/" "$build/dss" scan -q --active --rate 1000 -f jsonl \
	--facts "$facts" $domains >"$facts.out" </dev/null || code=$?
rm -f "$facts.out"
[ "${code:-0}" = 0 ] || [ "$code" = 3 ] || { echo "dss scan ended with $code"; echo "0 passed, 1 failed"; exit 1; }
"$build/tests/injection/injection" "$facts"
