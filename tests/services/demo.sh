#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the demo show scanned domains, what is wrong with them, and what changed, through the API?
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "$1" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

# wants TEXT PATTERN: a line of what the demo printed fits
wants() {
	if grep -Eq -e "$2" "$out/text"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s: no line fits %s\n' "$1" "$2"
	fi
}

code=0
DSS_DEMO_BUILD=$build DSS_DEMO_FOLDER=$out/demo DSS_SERVER_LISTEN=127.0.0.1:8954 \
	tools/demo.sh >"$out/text" 2>&1 || code=$?
if [ "$code" -ne 0 ]; then
	printf 'FAIL the demo ended with exit code %d\n' "$code"
	failed=$((failed + 1))
	cat "$out/text"
fi
wants "the import" '8 added, 1 rejected'
wants "where a row is wrong" '"exmaple .com": a space inside a label \(column 8\)'
wants "the schedule" 'next runs: '
wants "all scans end" '^ done +8$'
wants "a good domain" '^north-bank.com +A\+ +100 '
wants "a bad domain" '^signed-clinic.org +[DEF] '
wants "a finding that came" '^critical +open +signed-clinic.org +dnssec.chain.bogus'
wants "a finding that went" '^critical +fixed +town-hall.uk +mail.spf.all-pass'
wants "a finding that stayed" '^high +open +old-agency.org +mail.spf.lookup-limit'
wants "a change" '^- +dns acme-shop.com MX .*mx1.mail-host.net'
wants "the address to open" 'docs +http://127.0.0.1:8954/docs'
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
