#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does it work? Builds debug with sanitizers and runs the suites of tools/suites.
# usage: ./dev test [NAME]
set -eu
cd "$(dirname "$0")/.."
tools/build.sh debug
exec python3 tools/test.py "$@"
