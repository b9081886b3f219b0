#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do messages reach real receivers over HTTP, signed, and what comes of receivers that misbehave?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
suite_python webhooks 'standardwebhooks==1.1.0'
# In a network of its own: with addresses inside, and a firewall for a receiver that vanishes.
# shellcheck disable=SC2016
exec unshare --net sh -c 'ip link set lo up && exec "$@"' inside "${suite_venv:?}/bin/python" tests/services/webhooks.py
