#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the API show what workers found, in the fake internet: results, findings, history, events?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec tests/internet/run "$DSS_BUILD" broken-spf python3 tests/services/api_scans.py
