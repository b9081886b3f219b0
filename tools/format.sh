#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the C sources laid out by .clang-format? Rewrites those that are not.
set -eu
cd "$(dirname "$0")/.."
tools/install.sh lint
printf 'Formatting src, tests, fuzz and bench\n'
git ls-files -co --exclude-standard -- 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]' |
	xargs -r clang-format-14 -i
