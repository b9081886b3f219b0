#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the API show what is kept, say what is kept no longer, and bear a full disk? In a mount namespace of its own.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
isolate='unshare --mount'
[ "$(id -u)" -eq 0 ] || isolate="$isolate --map-root-user"
# shellcheck disable=SC2086 # words
exec $isolate python3 tests/services/api_kept.py
