#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does the project write by itself? The layout of C sources, and docs/checks.md.
set -eu
cd "$(dirname "$0")/.."
tools/install.sh lint
printf 'Formatting src, tests, fuzz and bench\n'
git ls-files -co --exclude-standard -- 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]' |
	while read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done |
	xargs -r clang-format-14 -i
tools/build.sh release
printf 'Writing docs/checks.md\n'
build/release/dss checks -f md >build/checks.md
mv build/checks.md docs/checks.md
