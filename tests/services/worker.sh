#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss worker end what is queued exactly once, whatever is killed meanwhile? In the fake internet.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec tests/internet/run "$DSS_BUILD" hostile-silent python3 tests/services/worker.py
