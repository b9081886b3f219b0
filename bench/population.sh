#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does the DNS profile cost a domain, alone and among thousands that share their servers (Zipf)?
# The queries that reach a name server say what caches and single flight save.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
echo "# scan.rate_per_host is raised to 100,000; questions through an own Unbound, told apart"
journal=$(mktemp)
trap 'rm -f "$journal"' EXIT
for domains in 10 100 1000 10000; do
	: >"$journal"
	INTERNET_JOURNAL=$journal INTERNET_DOMAINS=$domains "$here/../tests/internet/run" "$build" population sh -c \
		"exec python3 '$here/population.py' '$build' \"\$DSS_INTERNET_RUN/scenario/domains\""
	awk -v domains="$domains" 'END {
		printf "# %d domains: %.1f queries a domain reached a name server\n", domains, NR / domains }' "$journal"
done
