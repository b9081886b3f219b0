#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does a delivery cost? Signed webhooks from one sender to receivers on loopback (nginx), over kept
# connections: to one receiver, at which few are under way at once, and to 32 of them.
set -eu
build=${1:?the release build}
folder=$(mktemp -d)
ports=$(seq 18100 18131)
trap 'kill "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || :; rm -rf "$folder"' EXIT
{
	echo "worker_processes 1; pid $folder/pid; error_log $folder/error.log;"
	echo 'events { worker_connections 1024; }'
	echo "http { access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;"
	echo "fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;"
	echo 'keepalive_requests 1000000; server {'
	for port in $ports; do echo "listen 127.0.0.1:$port;"; done
	echo 'location / { return 200 "ok"; } } }'
} >"$folder/nginx.conf"
nginx -c "$folder/nginx.conf"
cp "$build/bench/bench_deliveries" "$folder/"
ln -s "$(realpath "$build/src/main/dss-net")" "$folder/dss-net"
"$folder/bench_deliveries" 20000 http://127.0.0.1:18100/hook
# shellcheck disable=SC2046 # one word a receiver
"$folder/bench_deliveries" 20000 $(for port in $ports; do echo "http://127.0.0.1:$port/hook"; done)
