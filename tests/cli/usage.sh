#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss refuse what is wrong with exit code 2 and say what was meant, before it does anything?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
. tests/cli/cases.sh
: "${dss:?}" "${scratch:?}"

# refuses TEXT ARGUMENTS…
refuses() {
	text=$1
	shift
	same "dss $*: exit code" 2 "$(status "$dss" "$@")"
	has "dss $*" "$text" "$scratch/err"
	same "dss $*: standard output" '' "$(cat "$scratch/out")"
}

refuses 'no command "scna"; did you mean scan?' scna example.com
refuses 'did you mean dss scan example.com?' example.com
refuses 'the first word is a command' --list
refuses 'unknown flag --fromat; did you mean --format?' scan --fromat json a.example
refuses 'did you mean jsonl?' scan -f jsnl a.example
refuses '--only: no check "dns.delegation.exist"; did you mean dns.delegation.exists?' \
	scan --only dns.delegation.exist a.example
refuses 'no field "domian"; did you mean domain?' scan -f json --fields domian a.example
refuses 'a flag of other commands' ask --fail-on high dns MX a.example
refuses 'no kind of question "dsn"; did you mean dns?' ask dsn MX a.example
refuses 'dns needs its type' ask dns
refuses '"bad..name"' scan bad..name
refuses 'either --list or -' scan --list /dev/null -
refuses 'no file of facts' judge
refuses 'cannot open /no/such/file' judge /no/such/file
refuses 'cannot open /no/such/list' scan --list /no/such/list
refuses 'not a file of names' scan --list /
refuses '--state needs -f text, md, jsonl or csv' scan --state "$scratch/state" -f json a.example
refuses 'no check is named "nothing.at.all"' checks show nothing.at.all
same 'a wrong variable' 2 "$(DSS_RATE=fast status "$dss" scan a.example)"
has 'a wrong variable' 'DSS_RATE: "fast"' "$scratch/err"

# Help and version are no error, go to standard output, and open no socket.
for words in version --version -h --help help 'help scan' 'scan -h' 'scan --help' 'checks list' 'checks -f json'; do
	# shellcheck disable=SC2086 # words
	same "dss $words" 0 "$(status "$dss" $words)"
	same "dss $words: standard error" '' "$(cat "$scratch/err")"
	# shellcheck disable=SC2086 # words
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=network -o "$scratch/trace" "$dss" $words >/dev/null
	same "dss $words: sockets" '' "$(cat "$scratch/trace")"
done
same 'flags of the short help' 1 "$("$dss" scan -h | grep -cE '^ +(-.,)? +--' | awk '{ print ($1 <= 12) }')"
has 'exit codes in the long help' 'Exit codes: 0 done; 1' "$({ "$dss" scan --help >"$scratch/out"; } && echo "$scratch/out")"
same 'no command' 2 "$(status "$dss")"

# A full disk ends everything with one line and 5; a closed pipe ends it as it does a filter.
for words in version 'checks list' 'checks -f md' 'scan --help'; do
	code=0
	# shellcheck disable=SC2086 # words
	"$dss" $words >/dev/full 2>"$scratch/err" || code=$?
	same "dss $words >/dev/full" 5 "$code"
	same "dss $words >/dev/full: lines" 1 "$(wc -l <"$scratch/err")"
	has "dss $words >/dev/full" 'No space left on device' "$scratch/err"
done
{ code=0; "$dss" checks -f md 2>/dev/null || code=$?; echo "$code" >"$scratch/code"; } | true
sleep 0.2
same 'a closed pipe' 141 "$(cat "$scratch/code")"

# The reference holds each check once, and JSON is JSON.
"$dss" checks -f json | python3 -c 'import json, sys; print(*(c["id"] for c in json.load(sys.stdin)), sep="\n")' >"$scratch/ids"
"$dss" checks -f md | sed -n 's/^### //p' >"$scratch/md"
same 'the reference' "$(cat "$scratch/ids")" "$(cat "$scratch/md")"
same 'ids twice' '' "$(sort "$scratch/ids" | uniq -d)"
report
