#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the golden JSON reports follow docs/schema/scan.schema.json?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_python schema 'jsonschema==4.23.0'
"${suite_venv:?}/bin/python" -P tests/suites/schema.py
