# SPDX-License-Identifier: Apache-2.0
# How do suites get the packages whose cases they run? Sourced from the top of the tree; everything
# is installed under build/suites, pinned by the caller, and kept for the next run.

suite_build=${DSS_BUILD:-build/dev}
mkdir -p build/suites

# suite_alone COMMAND…: what is installed or built is so by one script at a time.
suite_alone() {
	(
		flock 9
		"$@" 9>&-
	) 9>build/suites/lock
}

# suite_python NAME REQUIREMENT…: a virtual environment build/suites/NAME with these packages.
suite_python() {
	suite_venv=build/suites/$1
	shift
	suite_alone suite_install "$suite_venv" "$@"
}

suite_install() {
	[ -x "$1/bin/python" ] || python3 -m venv "$1"
	suite_pip=$1/bin/pip
	shift
	"$suite_pip" install -q --disable-pip-version-check "$@"
}

# suite_sdist PACKAGE VERSION: the unpacked source build/suites/PACKAGE-VERSION.
suite_sdist() {
	suite_alone suite_get_sdist "$@"
}

suite_get_sdist() {
	[ -d "build/suites/$1-$2" ] && return
	python3 -m pip download -q --disable-pip-version-check --no-deps \
		--no-binary :all: -d build/suites "$1==$2"
	tar -xzf "build/suites/$1-$2.tar.gz" -C build/suites
}

# suite_make PROGRAM: build it.
suite_make() {
	suite_alone nice ninja -C "$suite_build" "tests/suites/$1" >/dev/null
}

# suite_module MODULE VERSION: prints where the source of this Go module is.
suite_module() {
	suite_modules=build/suites/module-$(basename "$1")
	mkdir -p "$suite_modules"
	printf 'module suites\n\ngo 1.19\n' >"$suite_modules/go.mod"
	(cd "$suite_modules" && GOFLAGS=-mod=mod go mod download "$1@$2") || return 1
	# A capital stands in the cache's paths as ! and the small letter.
	printf '%s/%s@%s\n' "$(go env GOMODCACHE)" "$(printf %s "$1" | sed 's/[A-Z]/!\L&/g')" "$2"
}

# suite_program PROGRAM CASES COUNT: run the cases; they must be COUNT, and all must pass.
suite_program() {
	suite_out=build/suites/$1.out
	suite_make "$1"
	suite_status=0
	"$suite_build/tests/suites/$1" <"$2" >"$suite_out" || suite_status=$?
	cat "$suite_out"
	[ "$suite_status" -eq 0 ] || return "$suite_status"
	grep -qx "$3 passed, 0 failed" "$suite_out" || {
		echo "$1: expected $3 cases"
		return 1
	}
}

# suite_crate CRATE VERSION: prints where the unpacked source is.
suite_crate() {
	suite_cargo=$(cargo --version) || {
		echo "cargo is missing: install it (apt-get install cargo-web, or cargo) to run this suite" >&2
		return 1
	}
	case $suite_cargo in
	'cargo 1.'[0-9].* | 'cargo 1.'[1-5][0-9].* | 'cargo 1.6'[0-7].*)
		echo "$suite_cargo is too old: it gets no package without a copy of the whole index." \
			"Install a newer one (apt-get install cargo-web) to run this suite" >&2
		return 1
		;;
	esac
	suite_manifest=build/suites/crate-$1
	mkdir -p "$suite_manifest/src"
	: >"$suite_manifest/src/lib.rs"
	cat >"$suite_manifest/Cargo.toml" <<TOML
[package]
name = "suite"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
$1 = { version = "=$2", default-features = false }
TOML
	CARGO_REGISTRIES_CRATES_IO_PROTOCOL=sparse \
		cargo fetch -q --manifest-path "$suite_manifest/Cargo.toml"
	find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -type d -name "$1-$2" -print -quit
}

# suite_pin SHA256 FILE: is this the file that the suite was written for?
suite_pin() {
	printf '%s  %s\n' "$1" "$2" | sha256sum --check --quiet || {
		echo "$2 is not the file that the suite was written for" >&2
		return 1
	}
}
