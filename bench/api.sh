#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do requests to dss api cost: one domain, pages of a list, scans accepted, an import?
set -eu
ninja -C "$1" tests/services/identities >/dev/null # of the tests, which a release build leaves out
exec python3 "$(dirname "$0")/api.py" "$@"
