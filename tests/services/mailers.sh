#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do mails end as they should at servers that misbehave, and hold up no other?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/mailers.py
