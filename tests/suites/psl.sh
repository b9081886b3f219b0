#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Are registrable domains found as the tests of the public suffix list (78, from the package
# publicsuffixlist) say?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

suite_python psl 'publicsuffixlist==1.1.2.20261023'
python3 tests/suites/psl.py "$(find build/suites/psl -name test_psl.txt)" >build/suites/psl.cases
suite_program suite_psl build/suites/psl.cases 78
