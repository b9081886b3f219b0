#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do cron expressions mean what the tests of robfig/cron (Go) and cronsim (Python) say?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

source=$(suite_module github.com/robfig/cron/v3 v3.0.1)
suite_sdist cronsim 2.6
suite_make suite_cron
python3 tests/suites/cron.py "$source" build/suites/cronsim-2.6/tests tests/suites/cron.others
