#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does tools/install.sh install what is missing and nothing else? Runs it with an apt of its own.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tools" "$tree/bin"
cp tools/install.sh "$tree/tools/"
passed=0 failed=0

# program NAME LINE…: stands in front of the machine's own NAME
program() {
	name=$1
	shift
	{ printf '#!/bin/sh\n' && printf '%s\n' "$@"; } >"$tree/bin/$name"
	chmod +x "$tree/bin/$name"
}

# shellcheck disable=SC2016 # lines of other scripts
{
	program dpkg-query 'for name; do grep -sx "installed $name" "$FAKE/installed"; done; exit 1'
	program apt-cache 'grep -qx "$2" "$FAKE/known"'
	program apt-get 'echo "$*" | grep -o "install .*" | tee -a "$FAKE/asked"'
	program sudo '[ "$1" != -n ] || shift' 'exec "$@"'
	program env 'shift; exec "$@"'
}

# expect INSTALLED KNOWN PACKAGES WANTED: of the packages (the lines of tools/packages), with these
# installed and these known to the release, apt is asked for WANTED.
expect() {
	: >"$tree/installed" && : >"$tree/known" && : >"$tree/asked"
	for name in $1; do printf 'installed %s\n' "$name" >>"$tree/installed"; done
	for name in $2; do printf '%s\n' "$name" >>"$tree/known"; done
	printf '%s\n' "$3" >"$tree/tools/packages"
	code=0
	said=$(FAKE=$tree PATH=$tree/bin:$PATH "$tree/tools/install.sh" group 2>&1) || code=$?
	asked=$(sed 's/^install --no-install-recommends //' "$tree/asked")
	if [ "$code" -eq 0 ] && [ "$asked" = "$4" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED "%s": wanted apt to be asked for "%s", got exit code %s, "%s" and\n%s\n' \
			"$3" "$4" "$code" "$asked" "$said"
	fi
}

expect 'one' 'one two' 'group one two' 'two'
expect 'one two' 'one two' 'group one two' ''
expect '' 'one two' 'other one
group two' 'two'
expect '' 'one' 'group one?sh' ''
expect '' 'one' 'group one?no-such-program' 'one'
expect '' 'new old' 'group new/old' 'new'
expect '' 'old' 'group new/old' 'old'
expect '' '' 'group new/old' 'old'
expect 'old' 'new old' 'group new/old' ''
expect '' 'new old' 'group new/old?sh' ''
expect '' 'old' 'group one new/old?no-such-program' 'one old'

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
