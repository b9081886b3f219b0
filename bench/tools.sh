#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does it cost that a tool runs in its cage? The same program by the runner, one run after the other, and by a bare
# fork and exec: one that does nothing, and one that connects.
set -eu
build=${1:?the release build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$build/bench/bench_tools" "$folder/"
ln -s "$(realpath "$build/src/main/dss-net")" "$folder/dss-net"
"$folder/bench_tools" nothing 500 /bin/true
"$folder/bench_tools" python-100-connects 50 /usr/bin/python3 -Ic 'import socket
for i in range(100):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", 9))
    s.close()'
