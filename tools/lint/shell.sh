#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does shellcheck accept every shell script?
set -eu
cd "${LINT_ROOT:-$(dirname "$0")/../..}"
git ls-files -co --exclude-standard | while read -r path; do
	[ -f "$path" ] || continue
	case $path in
	*.sh) printf '%s\n' "$path" ;;
	*.*) ;;
	*) head -n 1 "$path" | grep -qE '^#!.*(/sh|bash)' && printf '%s\n' "$path" ;;
	esac
done | xargs -r shellcheck --format=gcc
