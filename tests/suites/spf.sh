#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does check_host() pass the RFC 7208 test suite (203 cases, from the package pyspf)?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_python spf 'PyYAML==6.0.2'
suite_sdist pyspf 2.0.14
build/suites/spf/bin/python tests/suites/spf.py \
	build/suites/pyspf-2.0.14/test/rfc7208-tests.yml >build/suites/spf.cases
suite_program suite_spf build/suites/spf.cases 203
