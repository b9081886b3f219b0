#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does it look like? With arguments: `dss ARGS` after building. Without: scans of the demo
# domains inside the fake internet, so that nothing leaves the machine.
# usage: ./dev run [ARGS…]
set -eu
cd "$(dirname "$0")/.."
tools/build.sh release
if [ $# -gt 0 ]; then
	exec build/release/dss "$@"
fi
