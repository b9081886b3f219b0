#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do store and queue keep their rate as the rows grow? docs/scale.md reads it. The environment says:
#   BENCH_DOMAINS  20000; 1 % of 350 million are 3500000 (not by ./dev bench, which waits half an hour)
#   BENCH_FACTS    48 a domain, which is the most; 12 make a database that a small disk holds
#   BENCH_PASSES   2: the first scan of each domain, then one that finds nothing new
#   BENCH_STORE    an empty store; else SQLite in a folder under $TMPDIR, which is removed
#   BENCH_QUEUE    embedded
#   BENCH_FREE_GB  10: it ends when less than that is free beside SQLite's file
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/dss-scale.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export BENCH_STORE="${BENCH_STORE:-sqlite:$folder}" BENCH_QUEUE="${BENCH_QUEUE:-embedded}"
"$1/bench/bench_scale"
