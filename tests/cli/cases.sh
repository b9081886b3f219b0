# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# Sourced by the scripts here: counting cases. `dss` is the debug build's.
dss=$DSS_BUILD/src/main/dss
export DSS_CONFIG=/dev/null # whatever this machine has configured
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dss-cli.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# same NAME WANTED GOT
same() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	fi
}

# has NAME TEXT FILE: the file has the text
has() {
	if grep -qF -- "$2" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n  wanted: %s\n  in:     %s\n' "$1" "$2" "$(head -c 2000 "$3")"
	fi
}

# status COMMAND…: runs it with outputs in $scratch/out and $scratch/err, prints its exit code
status() {
	code=0
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
	echo "$code"
}

# ends NAME COMMAND…: runs it; exit code 0 (done) or 3 (incomplete) is a pass, another a failure
ends() {
	name=$1 code=0
	shift
	"$@" </dev/null || code=$?
	case $code in
	0 | 3) same "$name: exit code" "$code" "$code" ;;
	*) same "$name: exit code" '0 or 3' "$code" ;;
	esac
}

# escapes FILE: how many ESC bytes
escapes() {
	tr -cd '\033' <"$1" | wc -c
}

report() {
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ]
}
