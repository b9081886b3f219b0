#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# May each identity do with each route what the roles say, and nothing more?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_matrix.py
