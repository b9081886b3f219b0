#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do several of each role, over PostgreSQL and RabbitMQ, keep every promise while all of them are killed?
# cluster.sh BUILD [SCANS] [SET…]
set -eu
cd "$(dirname "$0")/../.."
build=${1:-$DSS_BUILD}
INTERNET_DOMAINS=${DSS_CLUSTER_DOMAINS:-1000}
export INTERNET_DOMAINS INTERNET_SIGNED=0
scans=${2:-500}
if [ $# -ge 2 ]; then shift 2; else set --; fi
exec tests/internet/run "$build" population python3 tests/cluster/cluster.py "$build" "$scans" "$@"
