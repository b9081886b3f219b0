#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the API know its callers, and tell them what happens?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/api_people.py
