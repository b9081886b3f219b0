#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do schedules fire when Python's zoneinfo says, in six zones from 2024 to 2038?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_make suite_cron
python3 tests/suites/cron_zones.py
