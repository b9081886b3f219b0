#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How are the build folders made? build/release, build/debug (ASan, UBSan, fault points), build/fuzz (libFuzzer),
# build/drill (optimised, with fault points).
# usage: tools/build.sh [release|debug|fuzz|drill] [--configure]
# In CI (CI=true) warnings are errors.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-release}
sanitize='-Db_sanitize=address,undefined -Db_lundef=false'
case $kind in
release) options='--buildtype=release' ;;
debug) options="--buildtype=debug $sanitize -Dfaults=true" ;;
drill) options='--buildtype=debugoptimized -Dfaults=true' ;;
fuzz)
	options="--buildtype=debugoptimized $sanitize -Dfuzz=true"
	export CC=clang-14
	;;
*)
	printf 'build: no build "%s": release, debug, fuzz or drill\n' "$kind" >&2
	exit 2
	;;
esac
werror=false
[ -z "${CI:-}" ] || werror=true
options="$options -Dwerror=$werror"

tools/install.sh build run
case $kind in
debug) tools/install.sh test lint ;; # a suite tests lint itself
fuzz) tools/install.sh fuzz ;;
esac

build=build/$kind
printf 'Building %s (%s)\n' "$build" "$options"
mkdir -p "$build"
# shellcheck disable=SC2086 # a list of options
if [ ! -f "$build/build.ninja" ]; then
	meson setup "$build" $options >"$build/setup.log" || {
		cat "$build/setup.log"
		exit 1
	}
elif [ "$(cat "$build/.options" 2>/dev/null)" != "$options" ]; then
	meson setup --reconfigure "$build" $options >"$build/setup.log" || {
		cat "$build/setup.log"
		exit 1
	}
fi
printf '%s\n' "$options" >"$build/.options"
[ "${2:-}" != --configure ] || exit 0

ninja -C "$build" build.ninja >"$build/ninja.log" || { # meson.build files may have changed
	cat "$build/ninja.log"
	exit 1
}
targets=
if [ "$kind" = release ] || [ "$kind" = drill ]; then # without the tests, which are built in build/debug
	targets=$(meson introspect --targets "$build" | python3 -c '
import json, os, sys
build, root = os.path.realpath(sys.argv[1]), os.getcwd()
for target in json.load(sys.stdin):
    folder = os.path.relpath(os.path.dirname(target["defined_in"]), root)
    if (target["type"] == "executable" and folder in ("src/main", "tests/internet", "bench")
            or folder == "tests/drills"):
        print(os.path.relpath(target["filename"][0], build))' "$build")
fi
# shellcheck disable=SC2086 # a list of targets
if [ -t 1 ]; then
	ninja -C "$build" $targets
else
	ninja -C "$build" $targets >"$build/ninja.log" || {
		grep -vE '^\[[0-9]+/[0-9]+\] ' "$build/ninja.log" | head -n 200
		exit 1
	}
	# Warnings are worth a look even when they are no errors.
	grep -A 4 'warning:' "$build/ninja.log" | head -n 60
fi
# The programs stand at the top of the build folder, whatever folder links them.
for program in dss dss-net; do
	if [ -x "$build/src/main/$program" ]; then
		ln -sf "src/main/$program" "$build/$program"
		printf '  %s\n' "$build/$program"
	fi
done
