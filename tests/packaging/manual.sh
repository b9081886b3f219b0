#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the man pages say what the program says, in words that man accepts; is the package's own data true?
set -eu
cd "$(dirname "$0")/../.."
build=${1:-$DSS_BUILD}
. tests/packaging/cases.sh
: "${work:?}" "${passed:?}" "${failed:?}"

tools/manual.py "$build/dss" "$work/man"
"$build/dss" help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p' >"$work/commands"
check 'there are commands' test "$(wc -l <"$work/commands")" -ge 15
is_clean() { [ -s "$1" ] && said=$(man --warnings -E UTF-8 -l "$1" 2>&1 >/dev/null) && [ -z "$said" ]; }
has_flags() { # every flag of the help stands in the page
	MANWIDTH=200 man -E UTF-8 -l "$work/man/dss-$1.1" | col -b >"$work/page"
	"$build/dss" "$1" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/flags"
	while read -r flag; do
		grep -qF -e "$flag" "$work/page" || { echo "$flag is missing" && return 1; }
	done <"$work/flags"
}
while read -r command; do
	check "dss-$command(1) has every flag" has_flags "$command"
	check "dss(1) names $command" grep -qF "dss\\-$command" "$work/man/dss.1"
done <"$work/commands"
for page in "$work"/man/*; do
	check "man accepts ${page##*/}" is_clean "$page"
done
check 'dss.yaml(5) has the keys' grep -qF rate_per_host "$work/man/dss.yaml.5"
printf '.TH X 1\n.SH NAME\n\\fZbroken \\[nope]\n' >"$work/broken"
if is_clean "$work/broken"; then
	failed=$((failed + 1))
	echo 'FAILED a broken page is refused'
else
	passed=$((passed + 1))
fi

version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
check 'the changelog has the version of the tree' grep -qF "dss ($version)" packaging/debian/changelog
check 'so have the images' grep -qF "image: dss:$version" packaging/compose.yaml
awk '$1 == "build" { for (i = 2; i <= NF; i++) if ($i !~ /^(gcc|libc6-dev|ccache|ninja-build)$/) print $i }' tools/packages \
	>"$work/needs"
while read -r package; do
	check "the source package is built with $package" grep -qE "[ ,]$package(,|\$)" packaging/debian/control
done <"$work/needs"
while read -r path; do
	check "$path, which the package ships, is there" test -s "$path"
done <packaging/debian/dss.docs
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
