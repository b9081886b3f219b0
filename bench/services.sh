#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do scans cost through all services (API, queue, worker, store), and how soon does one start?
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
INTERNET_DOMAINS=${BENCH_DOMAINS:-1000} exec "$here/../tests/internet/run" "$build" population sh -c \
	"exec python3 '$here/services.py' '$build' \"\$DSS_INTERNET_RUN/scenario/domains\""
