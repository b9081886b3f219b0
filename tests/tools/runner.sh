#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does the test runner count honestly? Gives it suites that pass, fail, die, lie, or run nothing.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${DSS_BUILD:-$PWD/build/debug}
export DSS_BUILD
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tools" "$tree/some" "$tree/none"
cp tools/test.py "$tree/tools/"
printf 'some scripts some/*.sh\nnone scripts none/*.sh\n' >"$tree/tools/suites"
passed=0 failed=0

# expect NAME LAST-LINE EXIT-CODE WORDS
expect() {
	code=0
	said=$(python3 "$tree/tools/test.py" "$1" 2>&1) || code=$?
	last=$(printf '%s\n' "$said" | tail -n 1)
	if [ "$last" = "$2" ] && [ "$code" -eq "$3" ] && printf '%s' "$said" | grep -qF -- "$4"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s: wanted "%s", %s and "%s"; got exit code %s and\n%s\n' \
			"$1" "$2" "$3" "$4" "$code" "$said"
	fi
}

# script NAME LINE…: an executable of the suite "some"
script() {
	name=$1
	shift
	{ printf '#!/bin/sh\n' && printf '%s\n' "$@"; } >"$tree/some/$name.sh"
	chmod +x "$tree/some/$name.sh"
}

script good 'echo "3 passed, 0 failed"'
script bad 'echo why' 'echo "3 passed, 2 failed"' 'exit 1'
script dies 'echo "3 passed, 0 failed"' 'kill -SEGV $$'
script silent 'exit 0'
script lies 'echo "1 passed, 1 failed"' 'exit 0'
script cmocka 'echo "[  PASSED  ] 4 test(s)."' 'echo "[  SKIPPED ] 1 test(s), listed below:"'
expect good '3 passed, 0 failed' 0 'ok'
expect bad '3 passed, 2 failed' 1 '| why'
expect dies '3 passed, 1 failed' 1 'FAILED some/dies.sh'
expect silent '0 passed, 1 failed' 1 '(no output)'
expect lies '1 passed, 1 failed' 1 'FAILED some/lies.sh'
expect cmocka '4 passed, 1 failed' 1 'FAILED some/cmocka.sh'
printf '# sourced by others\n' >"$tree/some/sourced.sh"
expect some '14 passed, 6 failed' 1 'some: 14 ok, 6 not'
printf '#!/bin/sh\n' >"$tree/some/plain.sh"
expect some '14 passed, 7 failed' 1 'is not executable'
expect none '0 passed, 1 failed' 1 'nothing ran'
expect no_such_thing '0 passed, 1 failed' 1 'named no_such_thing'

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
