#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss judge --store say what the stored scans said, and since when? Scans of two days of the fake
# internet's portfolio by the real services; then, outside of it, they are judged again.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dss-rejudge.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export DSS_DATA="$scratch/data"
INTERNET_DAY=1 tests/internet/run "$DSS_BUILD" demo tests/services/inside/rejudge 1
INTERNET_DAY=2 tests/internet/run "$DSS_BUILD" demo tests/services/inside/rejudge 2
python3 tests/services/rejudge.py "$scratch"
