#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does a fact of an external API cost, from the scanner through dss to the runner and back?
exec "$(dirname "$0")/../tests/internet/run" "$1" hostile-web \
	"$(dirname "$0")/../tests/internet/unbound" python3 "$(dirname "$0")/apis.py" "$1"
