#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is everybody answered while another process keeps all others from writing?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_busy.py
