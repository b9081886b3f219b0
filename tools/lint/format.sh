#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is every C source laid out by .clang-format? ./dev format mends it.
set -eu
cd "${LINT_ROOT:-$(dirname "$0")/../..}"
git ls-files -co --exclude-standard -- 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]' |
	while read -r path; do [ -f "$path" ] && printf '%s\n' "$path"; done |
	xargs -r clang-format-14 --dry-run -Werror
