#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does each role say whose database cannot be used? One line, exit code 5, and no try after try.

usage: refusals.py DSS
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server  # noqa: E402

ROLES = (["api", "--listen", "127.0.0.1:18199"], ["worker"], ["scheduler"], ["notifier"])
UNUSABLE, LIMIT_S = 5, 60


def main():
    program, passed, wrong = sys.argv[1], 0, []
    with Server() as server, tempfile.TemporaryDirectory() as data:
        def run(role, url):
            done = subprocess.run([program, *role, "--data", data, "--store", url], text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_S)
            return done.returncode, done.stdout

        def refused(what, url, words, roles=ROLES):
            nonlocal passed
            for role in roles:
                code, said = run(role, url)
                if code == UNUSABLE and said.count("\n") == 1 and words in said:
                    passed += 1
                else:
                    wrong.append(f"{what}: {role[0]}: {code}: {said!r}")

        code, said = run(["db", "migrate"], server.url)
        if code:
            sys.exit(said)
        refused("user", server.url.replace("dss@", "nobody_here@"), "and the server's pg_hba.conf")
        refused("server", "postgresql://dss@/dss?host=/nowhere", "the server cannot be reached")
        refused("standby", server.url + "&options=-cdefault_transaction_read_only%3Don",
                "name the primary server, not a standby")
        refused("database", server.url + "&dbname=absent", "make it with createdb")
        newest = int(server.sql("SELECT max(number) FROM schema_version"))
        server.sql(f"INSERT INTO schema_version VALUES ({newest + 1}, 'x', 'y', {newest + 1})")
        refused("newer", server.url, f"was made by a newer release (schema {newest + 1}")
        server.sql(f"DELETE FROM schema_version WHERE number >= {newest}")
        refused("older", server.url, "run dss db migrate once")
    for line in wrong:
        print(line)
    print(f"{passed} passed, {len(wrong)} failed")
    return 1 if wrong or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
