#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do schedulers fire each tick once, through kills, sleep and clocks that are set?
set -eu
exec python3 "$(dirname "$0")/scheduler.py" "${1:-$DSS_BUILD}"
