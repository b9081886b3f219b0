#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does the DNS profile cost a domain, alone and among thousands that share their servers (Zipf)?
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
echo "# scan.rate_per_host is raised to 100,000; questions through an own Unbound, told apart"
for domains in 10 100 1000; do
	INTERNET_DOMAINS=$domains "$here/../tests/internet/run" "$build" population sh -c \
		"exec python3 '$here/population.py' '$build' \"\$DSS_INTERNET_RUN/scenario/domains\""
done
