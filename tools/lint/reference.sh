#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is docs/checks.md what `dss checks -f md` prints? ./dev format writes it.
set -eu
tools=$(cd "$(dirname "$0")/../.." && pwd)
cd "${LINT_ROOT:-$tools}"
[ -n "${LINT_ROOT:-}" ] || "$tools/tools/build.sh" debug
"$tools/build/debug/dss" checks -f md | diff --unchanged-line-format= \
	--old-line-format='  docs/checks.md:%dn: is not in the table of checks: %L' \
	--new-line-format='  docs/checks.md:%dn: is missing: %L' docs/checks.md -
