#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the parsers stand hostile bytes? Runs libFuzzer (with ASan and UBSan) on one target, or on all.
# usage: ./dev fuzz TARGET|all [SECONDS]     seeds: fuzz/seeds/TARGET; crashes: build/fuzz/artifacts
set -eu
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
	printf 'usage: ./dev fuzz TARGET|all [SECONDS]\n' >&2
	exit 2
fi
tools/build.sh fuzz
exec python3 tools/fuzz.py "$@"
