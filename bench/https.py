#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does a page over HTTPS cost? Inside the fake internet, from its nginx; ours and curl take turns.

usage: https.py BUILD; prints the figures that tools/bench.py reads. curl -Z would use connections again and
resume TLS sessions, so it is told not to: ours asks each host anew, and sees a certificate each time. What it
costs with resumed sessions, where the server sends no certificate, is told besides.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1]
PAGES, ROUNDS = 400, 3
HOST, ADDRESS = "real.bad-web.net", "45.76.50.9"


def run(argv, lines):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, input=lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, wall, cpu * 1000 / PAGES


def ours():
    urls = "".join(f"https://{HOST}/?{number}\n" for number in range(PAGES))
    out, wall, cpu = run([os.path.join(BUILD, "src", "main", "dss"), "ask", "-q", "--resolver",
                          "127.0.0.1:5300", "--rate", "100000", "http", "-"], urls.encode())
    return out.count(b'"status":200'), wall, cpu


def curl(folder, *options):
    path = os.path.join(folder, "curl")
    with open(path, "w", encoding="ascii") as file:
        for number in range(PAGES):
            file.write(f'url = "https://{HOST}/?{number}"\noutput = "/dev/null"\n'
                       f'write-out = "%{{http_code}}\\n"\n')
    out, wall, cpu = run(["curl", "-sZ", "--http1.1", *options, "--parallel-max", "2", "--cacert",
                          os.environ["DSS_SCAN_CA_FILE"], "--connect-to", f"::{ADDRESS}:443",
                          "-H", "Connection: close", "-K", path], b"")
    return out.count(b"200"), wall, cpu


def main():
    figures = {"ours": [], "curl": [], "curl-resumed": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, measure in (("ours", ours),
                                  ("curl", lambda: curl(folder, "--no-sessionid")),
                                  ("curl-resumed", lambda: curl(folder))):
                answered, wall, cpu = measure()
                if answered != PAGES:
                    print(f"# {name}: {answered} of {PAGES} pages")
                figures[name].append((cpu, wall))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for name in figures:
        peer = "" if name == "ours" else " " + name
        cpu, wall = (statistics.median(column) for column in zip(*figures[name], strict=True))
        print(f"https-page {PAGES} {wall:.3f} {cpu:.4f} {peak}{peer}")


main()
