#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does all of it work with RabbitMQ as the queue? In the fake internet, with a real broker.
set -eu
cd "$(dirname "$0")/../.."
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
exec tests/internet/run "$DSS_BUILD" hostile-silent python3 tests/services/rabbitmq.py
