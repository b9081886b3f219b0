#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does what happened arrive by every kind of channel, at a real Postfix, a real RabbitMQ, a receiver and a script?
set -eu
cd "$(dirname "$0")/../.."
. tests/suites/packages.sh
DSS_BUILD=${1:-$DSS_BUILD}
export DSS_BUILD
suite_python channels 'pika==1.3.2'
exec "${suite_venv:?}/bin/python" tests/services/channels.py
