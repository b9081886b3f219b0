#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does it cost to bring an event to a receiver, all of it: rule, delivery, signed webhook (nginx on loopback),
# proof? notify.each: a message an event; notify.digest: the same events gathered in one.
set -eu
build=${1:?the release build}
dss=$(realpath "$build/src/main/dss")
folder=$(mktemp -d)
pids=
finish() {
	# shellcheck disable=SC2086 # one word a process
	kill $pids "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || :
	wait || :
	rm -rf "$folder"
}
trap finish EXIT
port=18140
{
	echo "worker_processes 1; pid $folder/pid; error_log $folder/error.log;"
	echo 'events { worker_connections 1024; }'
	echo "http { access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;"
	echo "fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;"
	echo "keepalive_requests 1000000; server { listen 127.0.0.1:$port; location / { return 204; } } }"
} >"$folder/nginx.conf"
nginx -c "$folder/nginx.conf"
export DSS_DATA="$folder/data" DSS_LOG_FORMAT=json
domains=${DSS_BENCH_DOMAINS:-5000}

# measure NAME DIGEST: the notifier begins when all events are there
measure() {
	"$dss" notify add "$1" --url "http://127.0.0.1:$port/hook" --events domain.created --digest "$2" -q
	seq "$domains" | sed "s/\$/.$1.example/" | "$dss" domains import - -q
	python3 "$(dirname "$0")/notify.py" "$dss" "$1" "$domains"
	"$dss" notify rm "$1" -q
}
measure each 0
measure digest 1
