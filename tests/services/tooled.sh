#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Do the services run a real tool for a domain whose control is proven, and for no other? In the fake internet of the
# scenario tools, where one of two domains publishes its proof.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
folder=$(mktemp -d "${TMPDIR:-/tmp}/dss-tooled.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export DSS_BUILD DSS_DATA="$folder/data" DSS_FOLDER="$folder"
dss=$DSS_BUILD/src/main/dss
"$dss" domains add faulty.com sound.com >/dev/null
"$dss" domains prove sound.com >/dev/null # asked for, and never published
text=$("$dss" domains prove faulty.com | sed -n 's/^ text *//p')
cp -R tests/internet/scenarios/base tests/internet/scenarios/tools "$folder/"
sed "s/^\tdev A 45.76.80.1\$/&\n\t_dss-challenge TXT \"$text\"/" tests/internet/scenarios/tools/internet \
	>"$folder/tools/internet"
exit_code=0
tests/internet/run "$DSS_BUILD" "$folder/tools" tests/services/inside/tooled || exit_code=$?
exit "$exit_code"
