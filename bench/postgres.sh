#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do results and requests cost on PostgreSQL? Each on a server of its own that waits for the disk;
# rescans and api say the same for SQLite.
set -eu
here=$(dirname "$0")
"$here/../tests/postgres/server.py" --sync "$1/bench/rescans"
"$here/../tests/postgres/server.py" --sync "$here/api.sh" "$1"
