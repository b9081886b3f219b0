#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does a page over HTTPS cost, certificate verified and headers as facts, beside curl -Z?
exec "$(dirname "$0")/../tests/internet/run" "$1" hostile-web \
	"$(dirname "$0")/../tests/internet/unbound" python3 "$(dirname "$0")/https.py" "$1"
