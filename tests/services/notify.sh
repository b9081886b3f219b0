#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does each event go once to a real receiver, signed and in order, whatever it says and whoever is killed?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/notify.py
