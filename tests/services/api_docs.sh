#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the commands of docs/api.md run as they stand?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_docs.py
