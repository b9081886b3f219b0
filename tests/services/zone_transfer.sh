#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does `dss domains import --axfr` bring what a zone delegates, from a real NSD with TSIG and without, and
# nothing at all from servers that lie?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
# In a network of its own, which has loopback and nothing else.
# shellcheck disable=SC2016
exec unshare --net sh -c 'ip link set lo up && exec "$@"' inside python3 tests/services/zone_transfer.py
