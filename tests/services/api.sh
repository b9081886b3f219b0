#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss api answer as its reference says, over real HTTP?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api.py
