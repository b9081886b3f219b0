#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does it keep its promises when things break? Builds with fault points and runs the drills.
# usage: ./dev drill [DRILL…] [--all]     --all: every round, as for a release; else a tenth
set -eu
cd "$(dirname "$0")/.."
tools/build.sh drill
tools/install.sh drill
exec python3 tests/drills/run.py build/drill "$@"
