#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is openapi.json valid, and does the server keep to it whatever schemathesis sends?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
. tests/suites/packages.sh
suite_python openapi 'openapi-spec-validator==0.9.0' 'schemathesis==4.32.5'
exec "${suite_venv:?}/bin/python" -P tests/services/api_spec.py
