#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do names become A-labels and U-labels as IdnaTestV2 of UTS 46 (Unicode 16.0.0, 6,387 rows that are
# text, from the crate idna) says?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

source=$(suite_crate idna 1.1.0)
suite_pin ffcf59f6e97d765caa5ac8315e9511ba3b42955a554cbc431e4c016f20d25ca9 \
	"$source/tests/IdnaTestV2.txt"
python3 tests/suites/idna.py "$source/tests/IdnaTestV2.txt" >build/suites/idna.cases
suite_program suite_idna build/suites/idna.cases 6387
