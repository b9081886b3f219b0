#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does a portfolio live from the command line: dss serve in the fake internet, domains in, scans,
# findings, decisions, schedules out?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec tests/internet/run "$DSS_BUILD" broken-spf tests/services/inside/commands
