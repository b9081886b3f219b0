#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# screenshot.sh: make docs/img/scan.png anew: a scan in the fake internet as a terminal shows it. Needs the
# packages aha and chromium, and a release build.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/screenshot.XXXXXX")
trap 'rm -rf "$work"' EXIT
domain=spf-nested-lookups.com

{
	printf '$ dss scan %s\n' "$domain"
	"$top/tests/internet/run" "$top/build/release" broken-spf \
		"$top/build/release/dss" scan --color always "$domain" </dev/null
} >"$work/scan.txt"
aha --black --title dss <"$work/scan.txt" |
	sed 's/<pre>/<pre style="font: 15px DejaVu Sans Mono; margin: 12px 16px">/' >"$work/scan.html"
lines=$(wc -l <"$work/scan.txt")
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
	--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
	--user-data-dir="$work/profile" --window-size=1000,$((lines * 18 + 60)) \
	--screenshot="$top/docs/img/scan.png" "file://$work/scan.html" >"$work/log" 2>&1 ||
	{ cat "$work/log" >&2; exit 1; }
echo "docs/img/scan.png is new"
