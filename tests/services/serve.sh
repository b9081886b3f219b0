#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does dss serve run its roles, bring back what dies, follow its configuration, and end cleanly?
set -eu
exec python3 "$(dirname "$0")/serve.py" "${1:-$DSS_BUILD}"
