#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does judging alone cost, without reading, rendering or a process: on a clean and a broken domain?
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
facts=$(mktemp)
trap 'rm -f "$facts"' EXIT
for demo in "clean big-provider-mail.com" "broken-spf spf-eleven-lookups.com"; do
	scenario=${demo% *} domain=${demo#* }
	"$here/../tests/internet/run" "$build" "$scenario" "$build/dss" scan "$domain" --facts "$facts" \
		-f jsonl -q >/dev/null
	echo "# $domain"
	"$build/bench/judging_alone" "$facts"
	rm -f "$facts"
done
