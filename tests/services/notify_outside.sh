#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does each event go once over PostgreSQL and RabbitMQ too, where leases tell who lives?
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec python3 tests/services/notify_outside.py
