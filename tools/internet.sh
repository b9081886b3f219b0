#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How do I get into the fake internet? Builds, then runs COMMAND (or a shell) inside SCENARIO.
# usage: ./dev internet SCENARIO [COMMAND…]
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
	printf 'usage: ./dev internet SCENARIO [COMMAND…]\nscenarios:\n' >&2
	ls tests/internet/scenarios >&2
	exit 2
fi
tools/build.sh release
exec tests/internet/run build/release "$@"
