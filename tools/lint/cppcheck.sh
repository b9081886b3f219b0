#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does cppcheck find errors, leaks, or code that can do nothing?
set -eu
cd "${LINT_ROOT:-$(dirname "$0")/../..}"
mkdir -p build/lint/cppcheck
cppcheck --quiet --std=c11 --language=c --enable=warning,performance \
	--inline-suppr --error-exitcode=1 -j "$(nproc)" --cppcheck-build-dir=build/lint/cppcheck \
	--suppressions-list=tools/lint/cppcheck.suppressions \
	--template='  {file}:{line}: {severity}: {message} [{id}]' \
	-D__linux__ -D__x86_64__ -D_GNU_SOURCE -I src src
