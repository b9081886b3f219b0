#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does it keep its promises when things break? A round or two of each of the most telling drills, and one control.
# All of them: ./dev drill --all
set -eu
cd "$(dirname "$0")/../.."
build=${1:-$DSS_BUILD}
grep -qs 'DDSS_FAULTS' "$build/compile_commands.json" || {
	echo "$build has no fault points: configure it with -Dfaults=true, as tools/build.sh debug does"
	echo '0 passed, 1 failed'
	exit 1
}
exec nice python3 tests/drills/run.py "$build" --short
