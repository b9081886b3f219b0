#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss doctor try the resolver that scans would have, and name every snapshot with its age?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
. tests/cli/cases.sh
: "${dss:?}" "${scratch:?}"

ends 'dss doctor' "$dss" doctor >"$scratch/doctor"
same 'the resolver' 1 "$(grep -cE '^ ok +unbound +/.*/unbound answers [0-9]+ ms after its start$' "$scratch/doctor")"
same 'the snapshots' "$(find data -maxdepth 1 -type f ! -name README.md -printf '%f\n' | sort)" \
	"$(sed -nE 's/^ (ok|limited) +data +([^ ]+) of [0-9-]+: .*/\2/p' "$scratch/doctor" | sort)"
same 'lines' 0 "$(grep -cvE '^ (ok|limited|BAD) ' "$scratch/doctor")"

# fails STATE TEXT FLAGS…: the line of unbound
fails() {
	state=$1 text=$2
	shift 2
	"$dss" doctor "$@" >"$scratch/doctor" && code=0 || code=$?
	grep -E "^ $state +unbound " "$scratch/doctor" >"$scratch/line" || :
	has "dss doctor $*" "$text" "$scratch/line"
}
printf 'no zone file\n' >"$scratch/anchor"
fails BAD 'does not come up: /no/such/hints: No such file' --root-hints /no/such/hints
same 'a resolver that is needed' 3 "$code"
fails BAD 'does not come up: unbound' --trust-anchor "$scratch/anchor"
fails limited 'does not come up: ' --trust-anchor "$scratch/anchor" --resolver 127.0.0.1:9
report
