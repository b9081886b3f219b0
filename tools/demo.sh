#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does the service look like? API, scheduler and store run on this machine; worker, scanners and
# Unbound inside the fake internet's demo portfolio, on two days of it. Nothing leaves the machine.
# usage: tools/demo.sh     ends with Ctrl-C on a terminal, else once everything was shown
set -eu
cd "$(dirname "$0")/.."
build=${DSS_DEMO_BUILD:-$PWD/build/release}
demo=${DSS_DEMO_FOLDER:-$PWD/build/demo}
dss=$build/dss
data=$demo/data
listen=${DSS_SERVER_LISTEN:-127.0.0.1:8053}

say() { printf '\n$ %s\n' "$*"; }
# show WORDS…: the command as one would type it, and what the API answers
show() {
	say "dss $*"
	"$dss" "$@" --server "http://$listen" --token-file "$demo/token"
}

services=
worker=
# shellcheck disable=SC2317 # called by traps
stop() {
	trap - EXIT
	for process in $worker $services; do
		kill "$process" 2>/dev/null || continue
	done
	wait
	exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM HUP
trap 'stop $?' EXIT

start_worker() { # start_worker DAY
	INTERNET_DAY=$1 tests/internet/run "$build" demo "$dss" worker --data "$data" \
		2>>"$demo/worker.log" &
	worker=$!
}
stop_worker() {
	kill "$worker"
	wait "$worker" || true
	worker=
}

rm -rf "$demo"
mkdir -p "$demo"
: >"$demo/api.log"
"$dss" api --data "$data" --listen "$listen" 2>"$demo/api.log" &
services=$!
tries=0
until grep -q 'api.listening' "$demo/api.log"; do
	tries=$((tries + 1))
	if ! kill -0 "$services" 2>/dev/null || [ "$tries" -gt 100 ]; then
		cat "$demo/api.log" >&2
		exit 1
	fi
	sleep 0.1
done
"$dss" keys create demo --role operator --data "$data" -f json |
	sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' >"$demo/token"
chmod 600 "$demo/token"
"$dss" scheduler --data "$data" 2>"$demo/scheduler.log" &
services="$services $!"

cat >"$demo/domains.csv" <<'TEXT'
name,tags,owner
north-bank.com,corp,it@north-bank.com
acme-shop.com,corp;shop,web@acme-shop.com
old-agency.org,corp,
signed-clinic.org,clinic,admin@signed-clinic.org
museum.net,public,
startup-labs.dev,shop,
parked-brand.com,parked,
town-hall.uk,public,
exmaple .com,,
TEXT
printf 'A portfolio of eight domains, as the services see it on two days. They exist in network namespaces\n'
printf 'of this machine only.\n'
say "dss domains import domains.csv"
"$dss" domains import "$demo/domains.csv" --server "http://$listen" --token-file "$demo/token" || [ $? -eq 3 ] # one row is wrong on purpose
show schedule add nightly --cron "30 2 * * *" --tz Europe/Berlin --jitter 60m --select all
start_worker 1
show scans start --all --wait
stop_worker
printf '\nThe next day:\n'
start_worker 2
show scans start --all --wait
show domains list
show findings list --min high
show diff acme-shop.com
cat <<TEXT

 api     http://$listen/api/v1
 docs    http://$listen/docs
 key     in $demo/token, for "Authorization: Bearer"
 data    $data (dss COMMAND --data FOLDER)
TEXT
if [ -t 1 ]; then
	printf '\nCtrl-C ends it.\n'
	wait "$worker"
fi
