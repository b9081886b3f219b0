#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What do scans cost a domain, by what is asked, how many there are and how many at a time?
exec python3 "$(dirname "$0")/scans.py" "$@"
