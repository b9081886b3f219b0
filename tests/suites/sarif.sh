#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do reports for code scanning follow the SARIF 2.1.0 schema (OASIS, as github.com/owenrumney/go-sarif
# carries it) and what GitHub asks for beyond it?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_python sarif 'jsonschema==4.23.0'
schema=$(suite_module github.com/owenrumney/go-sarif/v3 v3.3.1)/pkg/report/v210/sarif/schema.go
list=tests/internet/scenarios/hostile-text/domains
reports=build/suites/sarif-reports
rm -rf "$reports"
mkdir -p "$reports"
{ cat "$list" && echo 'no name'; } >"$reports/our domains.txt"
scan() {
	status=0
	tests/internet/run "${suite_build:?}" hostile-text \
		"$suite_build/src/main/dss" scan -f sarif --ordered "$@" 2>"$reports/log" || status=$?
	case $status in
	0 | 3) ;;
	*)
		cat "$reports/log"
		return 1
		;;
	esac
}
scan --list "$reports/our domains.txt" >"$reports/list.sarif"
scan "$(head -n 1 "$list")" >"$reports/single.sarif"
scan --list /dev/null >"$reports/empty.sarif"
"${suite_venv:?}/bin/python" -P tests/suites/sarif.py "$schema" "$reports"
