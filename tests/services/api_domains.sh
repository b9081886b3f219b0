#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the API do with domains what its reference says, and refuse the rest with its place?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_domains.py
