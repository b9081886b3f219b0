#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do names become A-labels and U-labels as IdnaTestV2 of UTS 46 (6,387 rows that are text, from the
# crate idna) says?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

source=$(suite_crate idna 1.1.0)
python3 tests/suites/idna.py "$source/tests/IdnaTestV2.txt" >build/suites/idna.cases
suite_program suite_idna build/suites/idna.cases 6387
