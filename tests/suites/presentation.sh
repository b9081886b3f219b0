#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is record data read and written as the tests of github.com/miekg/dns have it?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

source=$(suite_module github.com/miekg/dns v1.1.73)
python3 tests/suites/presentation.py "$source" >build/suites/presentation.cases
suite_program suite_presentation build/suites/presentation.cases 276
