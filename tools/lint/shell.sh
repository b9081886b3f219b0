#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does shellcheck accept every shell script?
set -eu
cd "${LINT_ROOT:-$(dirname "$0")/../..}"
git ls-files -co --exclude-standard | while read -r path; do
	if [ ! -f "$path" ]; then
		continue
	elif head -n 1 "$path" | grep -qE '^#!.*[/ ]bash'; then
		printf '%s\n' '--shell=bash' "$path"
	elif [ "${path%.sh}" != "$path" ] || head -n 1 "$path" | grep -qE '^#!.*/sh'; then
		printf '%s\n' '--shell=sh' "$path"
	fi
done | xargs -r -n 2 shellcheck --format=gcc -e SC1091
