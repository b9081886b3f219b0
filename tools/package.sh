#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How does the Debian package come out of the tree? build/package/dss_VERSION_ARCH.deb.
# usage: ./dev package [--try]     --try: also install, start, use and purge it in a Debian of its own
set -eu
cd "$(dirname "$0")/.."
tools/install.sh build run package
out=$PWD/build/package
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

printf 'Building the package\n'
mkdir -p "$out" "$tree/dss"
rm -f "$out"/*.deb "$out"/*.buildinfo "$out"/*.changes
git ls-files -z | xargs -0 cp -P --parents -t "$tree/dss"
cp -r packaging/debian "$tree/dss/debian"
(
	cd "$tree/dss"
	# One after the other is enough on a small machine; DEB_BUILD_OPTIONS=parallel=N says otherwise.
	dpkg-buildpackage -b -us -uc >"$out/build.log" 2>&1 || {
		tail -n 60 "$out/build.log"
		exit 1
	}
)
cp "$tree"/*.deb "$tree"/*.changes "$tree"/*.buildinfo "$out/"
printf '  %s\n' "$out"/*.deb
lintian --fail-on error --tag-display-limit 0 --allow-root "$out"/dss_*.changes
[ "${1:-}" != --try ] || exec tests/packaging/try_package "$out"
