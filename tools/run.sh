#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does it look like? With arguments: `dss ARGS` after building. Without: scans of demo domains
# inside the fake internet, so that nothing leaves the machine; then the services (tools/demo.sh).
# usage: ./dev run [ARGS…]
set -eu
cd "$(dirname "$0")/.."
tools/build.sh release
if [ $# -gt 0 ]; then
	exec build/release/dss "$@"
fi

# demo SCENARIO DOMAIN…
demo() {
	scenario=$1
	shift
	printf '\n$ ./dev internet %s dss scan %s\n\n' "$scenario" "$*"
	code=0
	tests/internet/run build/release "$scenario" build/release/dss scan "$@" || code=$?
	if [ "$code" -ne 0 ] && [ "$code" -ne 3 ]; then # 3: some check could not be decided
		printf 'run: the demo ended with exit code %d\n' "$code" >&2
		exit "$code"
	fi
}

if ! unshare -n true 2>/dev/null && ! unshare -U -r -n true 2>/dev/null; then
	printf 'run: no demo: the fake internet needs root or user namespaces, to keep its traffic in\n'
	printf 'network namespaces of its own. Scan a real domain instead: ./dev run scan DOMAIN\n'
	exit 1
fi
printf 'Scanning demo domains. They exist in network namespaces of this machine only.\n'
demo clean null-mx.com
demo broken-spf spf-eleven-lookups.com
printf '\n'
tools/demo.sh
cat <<'TEXT'

A domain of the real internet:   ./dev run scan DOMAIN
Other demo internets:            ls tests/internet/scenarios; ./dev internet SCENARIO
Everything that is checked:      ./dev run checks, or docs/checks.md
TEXT
