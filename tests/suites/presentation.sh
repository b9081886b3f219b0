#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is record data read and written as the tests of github.com/miekg/dns have it?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh

version=v1.1.73
module=build/suites/presentation
mkdir -p "$module"
printf 'module presentation\n\ngo 1.19\n' >"$module/go.mod"
(cd "$module" && GOFLAGS=-mod=mod go mod download "github.com/miekg/dns@$version")
python3 tests/suites/presentation.py \
	"$(go env GOMODCACHE)/github.com/miekg/dns@$version" >build/suites/presentation.cases
suite_program suite_presentation build/suites/presentation.cases 276
