#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do cron expressions mean what the tests of robfig/cron (Go) and cronsim (Python) say?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

version=v3.0.1
module=build/suites/cron
mkdir -p "$module"
printf 'module cron\n\ngo 1.19\n' >"$module/go.mod"
(cd "$module" && GOFLAGS=-mod=mod go mod download "github.com/robfig/cron/v3@$version")
suite_sdist cronsim 2.6
suite_make suite_cron
python3 tests/suites/cron.py "$(go env GOMODCACHE)/github.com/robfig/cron/v3@$version" \
	build/suites/cronsim-2.6/tests tests/suites/cron.others
