#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are clients that hold connections by being slow shut down, while others are answered?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_slow.py
