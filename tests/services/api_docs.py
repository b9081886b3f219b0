# SPDX-License-Identifier: Apache-2.0
"""Each block of commands in docs/api.md ends well, in the page's order, on one server."""
import os
import re
import subprocess
import sys

from server import Cases, Server

cases = Cases()
blocks = re.findall(r"^```sh\n(.*?)^```$", open("docs/api.md", encoding="utf-8").read(), re.M | re.S)

with Server() as server:
    environment = dict(os.environ, DSS_URL=server.url, DSS_KEY=server.token)
    for block in blocks:
        done = subprocess.run(["sh", "-euc", block], env=environment, stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        cases.same(block.strip().splitlines()[-1].strip(), 0, done.returncode) or print(done.stdout.decode())
cases.true("the page has commands", len(blocks) > 5)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
