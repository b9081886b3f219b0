#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss apply make of a portfolio what it says, say what is wrong and where, and end well however often it is killed;
# and does dss policy keep policies?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
. tests/cli/cases.sh
: "${dss:?}" "${scratch:?}"
export DSS_DATA="$scratch/data"
file=$scratch/portfolio.yaml

# applies NAME LAST-LINE ARGUMENT…: exit code 0, and what it says in the end
applies() {
	name=$1 want=$2
	shift 2
	same "$name: exit code" 0 "$(status "$dss" apply -f "$file" "$@")"
	same "$name" "$want" "$(tail -n 1 "$scratch/out")"
}
# count: how many domains there are
count() {
	"$dss" domains list -f jsonl | wc -l
}

printf '%s\n' https://hooks.example/T0/B0/canary-apply-url >"$scratch/url"
cat >"$file" <<YAML
domains:
  - {name: example.com, tags: [corp], owner: it@example.com}
  - example.org
schedules:
  - {name: nightly, cron: "30 2 * * *", zone: Europe/Berlin, select: "tag:corp"}
channels:
  - {name: ops, kind: slack, url_file: $scratch/url}
rules:
  - {name: loud, when: [finding.opened], min_severity: high, to: [ops], digest: 15m}
policies:
  - {name: corporate, select: "tag:corp", checks: {mail.bimi: off}}
YAML
applies '--dry-run' 'would be: 6 created, 0 changed, 0 removed, 0 as they should be' --dry-run
has '--dry-run names what it would make' '+ schedule nightly' "$scratch/out"
same '--dry-run makes nothing' 0 "$(count)"
applies 'the first run' '6 created, 0 changed, 0 removed, 0 as they should be'
same 'order: channels stand before the rules that name them' 'channel rule' \
	"$(sed -n 's/^+ \(channel\|rule\) .*/\1/p' "$scratch/out" | paste -sd' ')"
applies 'the second finds nothing to do' '0 created, 0 changed, 0 removed, 6 as they should be'
same 'and names nothing' 1 "$(wc -l <"$scratch/out")"
same 'the secret is in no answer' 0 "$(status "$dss" notify list -f jsonl)"
same 'the secret is in no answer' 0 "$(grep -c canary-apply "$scratch/out")"
sed -i 's/min_severity: high/min_severity: low/; /example.org/d' "$file"
applies 'what differs is changed' '0 created, 1 changed, 0 removed, 4 as they should be'
has 'what differs is named' '~ rule loud' "$scratch/out"
same 'what is missing stays' 2 "$(count)"
"$dss" domains add by-hand.example -q
applies '--prune --dry-run' 'would be: 0 created, 0 changed, 1 removed, 5 as they should be' --prune --dry-run
same 'takes nothing' 3 "$(count)"
applies '--prune' '0 created, 0 changed, 1 removed, 5 as they should be' --prune
has '--prune names what goes' '- domain example.org' "$scratch/out"
same 'and leaves what a person added' 'by-hand.example example.com' "$("$dss" domains export | sort | paste -sd' ')"

# What is wrong is said at its line, all of it at once, and then nothing is done.
cat >"$file" <<'YAML'
domains:
  - new.example
  - {name: "exmaple .com"}
  - {name: b.example, ownr: x}
YAML
same 'what is wrong: exit code' 2 "$(status "$dss" apply -f "$file")"
has 'a name' "$file line 3 column 12: \"exmaple .com\": a space inside a label" "$scratch/err"
has 'a word, with the nearest' "$file line 4 column 29: nothing is called \"ownr\" here; did you mean owner?" "$scratch/err"
same 'nothing was done' 2 "$(count)"
cat >"$file" <<'YAML'
domains: [new.example]
schedules:
  - {name: broken, cron: "61 * * * *"}
rules:
  - {name: r, to: [nobody]}
YAML
same 'what does not fit: exit code' 2 "$(status "$dss" apply -f "$file")"
has 'a cron expression' "$file line 3 column 26: " "$scratch/err"
has 'a channel that is not there' "$file line 5 column 20: there is no channel \"nobody\"" "$scratch/err"
same 'nothing was done' 2 "$(count)"
printf 'domains: [a.example\n' >"$file"
same 'no YAML: exit code' 2 "$(status "$dss" apply -f "$file")"
has 'no YAML' 'line ' "$scratch/err"
printf 'domain: [a.example]\n' >"$file"
same 'a section that is none' 2 "$(status "$dss" apply -f "$file")"
has 'a section that is none' "$file line 1 column 9: " "$scratch/err"
has 'a section that is none' 'did you mean domains?' "$scratch/err"
same 'no file' 2 "$(status "$dss" apply -f "$scratch/none.yaml")"
same 'a secret file that is not there' 2 "$(printf 'channels: [{name: x, kind: slack, url_file: %s/none}]\n' \
	"$scratch" >"$file" && status "$dss" apply -f "$file")"
same 'no -f' 2 "$(status "$dss" apply)"

# Killed anywhere: the next run does the rest, nothing is there twice, and all of it may be pruned.
for n in $(seq 120); do printf -- '- d%d.crash.example\n' "$n"; done >"$scratch/list"
{ echo 'domains:' && cat "$scratch/list"; } >"$file"
# stored: how many of them there are, without a start of dss
stored() {
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM domain WHERE name LIKE \"%.crash.example\" AND deleted_at IS NULL").fetchone()[0])' \
		"$DSS_DATA/dss.db"
}
some=0
for n in 10 45 80; do
	"$dss" apply -f "$file" >/dev/null 2>&1 &
	killed=$!
	while [ "$(stored)" -lt "$n" ]; do
		kill -0 "$killed" 2>/dev/null || break
	done
	kill -KILL "$killed" 2>/dev/null || :
	wait "$killed" 2>/dev/null || :
	made=$(stored)
	[ "$made" -lt "$n" ] || [ "$made" -eq 120 ] || some=$((some + 1))
done
same 'a run was killed midway' yes "$([ "$some" -gt 0 ] && echo yes || echo "no, before or after all of it")"
same 'the next run does the rest' 0 "$(status "$dss" apply -f "$file")"
same 'nothing is there twice' 120 "$("$dss" domains list -f jsonl --match crash.example | wc -l)"
applies 'and finds nothing to do' '0 created, 0 changed, 0 removed, 120 as they should be'
printf 'domains: []\n' >"$file"
applies 'what a killed run made is known' '0 created, 0 changed, 121 removed, 0 as they should be' --prune
same 'by hand' by-hand.example "$("$dss" domains export)"

# dss policy
cat >"$scratch/policy.yaml" <<'YAML'
checks:
  caa: high
accept:
  - {check: mail.dmarc.policy-none, domains: [by-hand.example], reason: until the move, owner: me, until: never}
YAML
same 'policy set' 0 "$(status "$dss" policy set strict "$scratch/policy.yaml" --select all)"
same 'policy set again' 0 "$(status "$dss" policy set strict "$scratch/policy.yaml" --select name:by-hand.example)"
same 'policy list' 0 "$(status "$dss" policy list)"
has 'policy list' strict "$scratch/out"
has 'its selector was changed' 'name:by-hand.example' "$scratch/out"
same 'policy show' 0 "$(status "$dss" policy show strict)"
has 'policy show' mail.dmarc.policy-none "$scratch/out"
printf 'checks:\n  ca: high\n' >"$scratch/policy.yaml"
same 'a policy that is wrong' 2 "$(status "$dss" policy set strict "$scratch/policy.yaml")"
has 'where it is wrong' "line 2 column " "$scratch/err"
same 'what was kept stays' 0 "$(status "$dss" policy show strict)"
has 'what was kept stays' mail.dmarc.policy-none "$scratch/out"
same 'policy rm' 0 "$(status "$dss" policy rm strict)"
same 'policy rm again' 2 "$(status "$dss" policy rm strict)"
same 'policy show of none' 2 "$(status "$dss" policy show strict)"
same 'the audit trail is whole' 0 "$(status "$dss" audit verify)"
report
