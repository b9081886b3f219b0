#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the commands over the store do what they say, over the data folder and over a server alike?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
. tests/cli/cases.sh
: "${dss:?}" "${scratch:?}"
export DSS_DATA="$scratch/data"

# out NAME WANTED COMMAND…: exit code 0, and standard output is WANTED
out() {
	name=$1 wanted=$2
	shift 2
	same "$name: exit code" 0 "$(status "$@")"
	same "$name" "$wanted" "$(cat "$scratch/out")"
}

# fails NAME CODE TEXT COMMAND…
fails() {
	name=$1 wanted=$2 text=$3
	shift 3
	same "$name: exit code" "$wanted" "$(status "$@")"
	has "$name" "$text" "$scratch/err"
	same "$name: escapes" 0 "$(escapes "$scratch/err")"
}

# What holds of every door; $at is what names it. Works on the domains of $suffix alone.
domains() {
	# shellcheck disable=SC2086 # $at is words
	{
		out "$suffix: add" " added a.$suffix
 added b.$suffix" "$dss" domains add "A.$suffix." "b.$suffix" --tag Corp --owner it@example.com $at
		fails "$suffix: add again" 2 "a.$suffix is there already" "$dss" domains add "a.$suffix" $at
		fails "$suffix: add a wrong one" 2 'a space inside a label (column 2)' "$dss" domains add 'a b.example' $at
		fails "$suffix: add hostile" 2 'control characters' "$dss" domains add "$(printf 'a\033[31m.example')" $at
		out "$suffix: tag" " a.$suffix: corp, mail, web" "$dss" domains tag "a.$suffix" web mail $at
		out "$suffix: untag" " a.$suffix: mail, web" "$dss" domains tag "a.$suffix" --remove CORP $at
		out "$suffix: list" "NAME${pad}  OWNER           TAGS
a.$suffix  it@example.com  mail, web
b.$suffix  it@example.com  corp" "$dss" domains list --match "$suffix" $at
		out "$suffix: export" "a.$suffix" "$dss" domains export --tag web --match "$suffix" $at
		same "$suffix: csv" 'id,name,grade,score' "$("$dss" domains list -f csv --limit 1 --match "$suffix" $at |
			head -n 1 | cut -d, -f1-4)"
		same "$suffix: jsonl" 2 "$("$dss" domains list -f jsonl --match "$suffix" $at |
			python3 -c 'import json, sys; print(sum(1 for line in sys.stdin if json.loads(line)["name"]))')"
		same "$suffix: json" 2 "$("$dss" domains list -f json --match "$suffix" $at |
			python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')"
		same "$suffix: limit" 1 "$("$dss" domains list -f jsonl --limit 1 --match "$suffix" $at | wc -l)"
		same "$suffix: show" 0 "$(status "$dss" domains show "b.$suffix" $at)"
		has "$suffix: show" ' owner    it@example.com' "$scratch/out"
		fails "$suffix: show none" 2 'nope.example' "$dss" domains show nope.example $at
		same "$suffix: validate" 2 "$(status "$dss" domains validate "a.$suffix" 'x y' $at)"
		has "$suffix: validate" ' wrong  x y  "x y": a space inside a label (column 2)' "$scratch/out"
		fails "$suffix: report, not scanned yet" 2 "a.$suffix was not scanned yet" "$dss" report "a.$suffix" $at
		fails "$suffix: report of none" 2 'nope.example' "$dss" report nope.example $at
		fails "$suffix: report of two things" 2 'either a domain' "$dss" report "a.$suffix" --tag corp $at
		out "$suffix: reports, none scanned" '{"scans":[

]}' "$dss" report --tag corp -f json $at
		out "$suffix: rm" " removed b.$suffix" "$dss" domains rm "b.$suffix" $at
		out "$suffix: none" '' "$dss" domains export --tag corp --match "$suffix" $at
	}
}
at='' suffix=own.example pad='         '
domains
fails 'no verb' 2 'did you mean list?' "$dss" domains lits
fails 'no words' 2 'dss domains add NAME...' "$dss" domains add
fails 'two tags' 2 'list takes one --tag' "$dss" domains list --tag a,b
same 'nothing is said for -q' '' "$("$dss" domains add quiet.example -q)"

# Many at once.
printf '# a list\none.import.example\ntwo..example\n\nthree.import.example\n' >"$scratch/list.txt"
same 'import: exit code' 3 "$(status "$dss" domains import "$scratch/list.txt" --tag many --owner me)"
same 'import' ' 3 rows: 2 added, 1 rejected
   row 3      "two..example": an empty label: two dots in a row, or one in front (column 5)
   rejects are in '"$scratch/list.txt.rejects.csv" "$(cat "$scratch/out")"
same 'import: rejects' 'line,name,reason
3,"two..example","""two..example"": an empty label: two dots in a row, or one in front (column 5)"' "$(cat "$scratch/list.txt.rejects.csv")"
same 'import: tags' 2 "$("$dss" domains export --tag many | wc -l)"
printf 'name,owner\n"=1+1",x\n' >"$scratch/formula.csv"
same 'import of a formula' 3 "$(status "$dss" domains import "$scratch/formula.csv")"
has 'no formula in the rejects' "2,\"'=1+1\"," "$scratch/formula.csv.rejects.csv"
printf '{"name":"json.import.example","tags":["many"]}\n{"name":1}\n' >"$scratch/rows.jsonl"
same 'import of JSON Lines' 3 "$(status "$dss" domains import "$scratch/rows.jsonl" -f jsonl)"
same 'import of JSON Lines: outcomes' 'added rejected' "$(python3 -c 'import json, sys; print(*(json.loads(line).get("outcome", "") for line in sys.stdin))' <"$scratch/out" | sed 's/ $//')"
same 'import from a pipe' ' 1 row: 1 already there' "$(echo one.import.example | "$dss" domains import -)"
echo dry.import.example >"$scratch/dry.txt"
out 'import --dry-run' ' 1 row: 1 added' "$dss" domains import "$scratch/dry.txt" --dry-run
fails 'nothing was stored' 2 'dry.import.example' "$dss" domains show dry.import.example
fails 'import of no file' 2 'No such file' "$dss" domains import "$scratch/none.txt"

# Scans wait in the queue when no worker is there.
same 'scans start' 0 "$(status "$dss" scans start one.import.example three.import.example)"
same 'scans start: lines' 2 "$(grep -c '^ scn_' "$scratch/out")"
scan=$(sed -n '1s/^ \(scn_[a-z0-9]*\) .*/\1/p' "$scratch/out")
same 'a second is the same' 0 "$(status "$dss" scans start one.import.example)"
has 'a second is the same' " $scan  one.import.example (was on its way already)" "$scratch/out"
same 'scans list' 2 "$("$dss" scans list --state queued -f jsonl | wc -l)"
same 'scans list of one' 1 "$("$dss" scans list --domain one.import.example -f jsonl | wc -l)"
same 'scans show' 0 "$(status "$dss" scans show "$scan")"
has 'scans show' ' state     queued' "$scratch/out"
out 'scans cancel' " $scan is asked to stop" "$dss" scans cancel "$scan"
same 'scans watch' 0 "$(status "$dss" scans watch "$scan")"
has 'scans watch' ' state     cancelled' "$scratch/out"
fails 'scans cancel again' 2 '' "$dss" scans cancel "$scan"
fails 'scans of nothing' 2 'start which?' "$dss" scans start
fails 'scans of a name and all' 2 'start which?' "$dss" scans start --all one.import.example
fails 'scans show none' 2 '' "$dss" scans show scn_00000000000000000000000000

# People and keys.
printf 'correct horse battery staple\n' >"$scratch/password"
printf 'short\n' >"$scratch/short"
out 'users add' ' added ada@example.com (admin)' "$dss" users add ada@example.com --role admin --password-file "$scratch/password"
fails 'users add short' 2 'password' "$dss" users add bob@example.com --password-file "$scratch/short"
fails 'users add without a file' 2 'cannot read' "$dss" users add bob@example.com --password-file "$scratch/none"
same 'users list' 1 "$("$dss" users list -f jsonl | grep -c '"name":"ada@example.com"')"
out 'users passwd' ' ada@example.com has a new password; sessions have ended' "$dss" users passwd ada@example.com --password-file "$scratch/password"
fails 'the last admin' 2 'admin' "$dss" users rm ada@example.com
"$dss" keys create reader --role viewer --expires 90d -f jsonl >"$scratch/key.json"
"$dss" keys create writer -f jsonl >"$scratch/writer.json"
secret() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/$1.json" "$2"; }
secret key secret >"$scratch/key"
secret writer secret >"$scratch/writer"
same 'keys list' 2 "$("$dss" keys list -f jsonl | wc -l)"
same 'a key is shown once' 0 "$("$dss" keys list -f jsonl | grep -c -f "$scratch/key" || :)"

# The same over a server.
port=$(cd tests && python3 -c 'import ports; print(ports.free_port())')
"$dss" api --listen "127.0.0.1:$port" 2>"$scratch/api.log" &
api=$!
trap 'kill "$api" 2>/dev/null || :; rm -rf "$scratch"' EXIT
for _ in $(seq 200); do
	! grep -q api.listening "$scratch/api.log" || break
	sleep 0.05
done
at="--server http://127.0.0.1:$port --token-file $scratch/writer" suffix=far.example pad='         '
domains
fails 'without a key' 4 '--token-file FILE names the API key' "$dss" domains list --server "http://127.0.0.1:$port"
fails 'a key that may only read' 4 'domains:write' "$dss" domains add x.example --server "http://127.0.0.1:$port" --token-file "$scratch/key"
CREDENTIALS_DIRECTORY="$scratch/credentials"
mkdir "$CREDENTIALS_DIRECTORY"
cp "$scratch/key" "$CREDENTIALS_DIRECTORY/client.token"
export CREDENTIALS_DIRECTORY
same 'a key from the credentials' 0 "$(DSS_SERVER="http://127.0.0.1:$port" status "$dss" domains list)"
out 'revoke' " revoked $(secret key id)" "$dss" keys revoke "$(secret key id)"
fails 'a revoked key' 4 'revoked' "$dss" domains list --server "http://127.0.0.1:$port"
unset CREDENTIALS_DIRECTORY
"$dss" api --listen "unix:$scratch/api.sock" 2>"$scratch/unix.log" &
unix=$!
for _ in $(seq 200); do
	! grep -q api.listening "$scratch/unix.log" || break
	sleep 0.05
done
same 'over a unix socket' 0 "$(status "$dss" domains show a.own.example --server "unix:$scratch/api.sock" --token-file "$scratch/writer")"
kill "$unix"
wait "$unix" || :
fails 'https' 2 'ssh -L' "$dss" domains list --server "https://127.0.0.1:$port"
fails 'another machine' 2 'is another machine' "$dss" domains list --server http://192.0.2.1:8053
kill "$api"
wait "$api" || :
fails 'no server' 5 'Connection refused' "$dss" domains list --server "http://127.0.0.1:$port" --token-file "$scratch/writer"

# The audit trail, and the store itself.
same 'audit verify' 0 "$(status "$dss" audit verify)"
has 'audit verify' ' rows, unbroken; ' "$scratch/out"
same 'audit list: who' 1 "$("$dss" audit list --limit 1 -f jsonl | grep -c '"actor":"command ')"
out 'db check' " sqlite:$DSS_DATA: every page, index and reference is right, schema $(printf "%s\n" src/store/sqlite/schema/*.sql | wc -l)" "$dss" db check
same 'db backup' 0 "$(status "$dss" db backup "$scratch/copy.db")"
fails 'db backup again' 5 'is there already' "$dss" db backup "$scratch/copy.db"
"$dss" domains add later.example -q
fails 'db restore' 2 '--yes replaces it' "$dss" db restore "$scratch/copy.db"
printf 'no store' >"$scratch/broken.db"
same 'db restore of no store' 5 "$(status "$dss" db restore "$scratch/broken.db" --yes)"
same 'it changes nothing' 0 "$(status "$dss" domains show later.example)"
"$dss" scheduler >/dev/null 2>"$scratch/scheduler.log" &
scheduler=$!
for _ in $(seq 200); do
	! grep -q scheduler.started "$scratch/scheduler.log" || break
	sleep 0.05
done
fails 'db restore while a role runs' 5 'a process uses its store' "$dss" db restore "$scratch/copy.db" --yes
kill "$scheduler"
wait "$scheduler" || :
same 'db restore --yes' 0 "$(status "$dss" db restore "$scratch/copy.db" --yes)"
same 'what came later is gone' 2 "$(status "$dss" domains show later.example)"
same 'what was before is there' 0 "$(status "$dss" domains show a.own.example)"
same 'restore leaves no folder' '' "$(find "$DSS_DATA" -name 'restore.*')"
same 'audit after restore' 0 "$(status "$dss" audit verify)"
python3 - "$DSS_DATA/dss.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE audit SET action = 'domain.nothing' WHERE sequence = 2")
db.commit()
PYTHON
fails 'a changed row shows' 5 '2' "$dss" audit verify
fails 'no data folder' 5 '' "$dss" db check --data "$scratch/nothing"
report
