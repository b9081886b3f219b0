#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do requests to dss api cost: one domain, pages of a list, scans accepted, an import?
exec python3 "$(dirname "$0")/api.py" "$@"
