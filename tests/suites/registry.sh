#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are replies of registries, MTA-STS records and JSON read as the tests of asyncwhois, rdap, openrdap,
# postfix-mta-sts-resolver and JSONTestSuite say?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_sdist asyncwhois 1.1.15
suite_sdist rdap 1.7.0
suite_sdist postfix_mta_sts_resolver 1.5.1
openrdap=$(suite_module github.com/openrdap/rdap v0.9.1)
json=$(suite_module github.com/nst/JSONTestSuite v0.0.0-20241122125541-1ef36fa01286)
suite_make suite_registry
python3 tests/suites/registry.py "${DSS_BUILD:-build/dev}/tests/suites/suite_registry" \
	tests/suites/registry.others build/suites/asyncwhois-1.1.15 build/suites/rdap-1.7.0 \
	"$openrdap" build/suites/postfix_mta_sts_resolver-1.5.1 "$json/test_parsing"
