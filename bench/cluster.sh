#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How many scans a second end over RabbitMQ and PostgreSQL, with one worker and with two, and how large are the roles?
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
INTERNET_DOMAINS=${BENCH_DOMAINS:-1000} INTERNET_SIGNED=0 exec "$here/../tests/internet/run" "$build" population \
	python3 "$here/cluster.py" "$build"
