#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does no process of the services leave its memory, which holds keys, in a core file?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/cores.py
