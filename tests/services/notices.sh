#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is what strangers wrote inert in each form of a notice, and do mails arrive in a real Postfix?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/notices.py
