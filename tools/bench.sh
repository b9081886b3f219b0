#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How fast is it? Builds release and runs the measurements under bench/.
# usage: ./dev bench [NAME] [--peers]     --peers: other programs that do the same, beside ours
set -eu
cd "$(dirname "$0")/.."
tools/build.sh release
case " $* " in
*' --peers '*) tools/install.sh bench ;;
esac
exec python3 tools/bench.py "$@"
