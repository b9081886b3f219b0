#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs a second through RabbitMQ, each publish confirmed, each message acked, beside the embedded bus.
# usage: bench/rabbitmq.sh BUILD_DIR
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
exec python3 - "$here" "$build" <<'PYTHON'
import subprocess
import sys

sys.path.insert(0, sys.argv[1] + "/tests/rabbitmq")
import broker

program = sys.argv[2] + "/bench/bench_bus"
with broker.Broker() as rabbit:
    for words in ([], [rabbit.url, rabbit.password_file]):
        print("# " + ("RabbitMQ" if words else "embedded"), flush=True)
        subprocess.run([program, "20000", *words], check=True)
PYTHON
