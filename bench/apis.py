#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does a fact of an external API cost? Inside the fake internet, from its nginx, over HTTPS.

usage: apis.py BUILD; prints the figures that tools/bench.py reads: facts whose answers the provider gives, one
connection each, and facts that the runner has kept.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1]
FACTS, ROUNDS = 1000, 3
DEFINITION = """name: bench
kind: api
title: A provider that never waits
source: bench
profiles: [passive]
checks: [rep.feeds]
url: "https://real.bad-web.net/?{subject}"
headers: {x-key: "{key}"}
secret: bench
pace: {requests: 1000000, per_s: 1}
cache_s: 600
extract: {format: text, rows: "^(.+)$", fields: {line: "1"}}
"""


def ask(folder, subjects):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([os.path.join(BUILD, "src", "main", "dss"), "ask", "-q", "--resolver", "127.0.0.1:5300",
                           "--definitions", folder, "--keys", folder, "api", "bench", "-"],
                          input="".join(subject + "\n" for subject in subjects).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.count(b'"rows":[{'), wall, cpu * 1000 / len(subjects), after.ru_maxrss


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name, text in (("bench.yaml", DEFINITION), ("bench", "a-key\n")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        runs = []
        for number in range(ROUNDS):
            answered, wall, cpu, peak = ask(folder, [f"s{number}-{index}" for index in range(FACTS)])
            if answered != FACTS:
                print(f"# {answered} of {FACTS} facts")
            runs.append((cpu, wall, peak))
    print(f"api-fact {FACTS} {statistics.median(run[1] for run in runs):.3f} "
          f"{statistics.median(run[0] for run in runs):.4f} {max(run[2] for run in runs)}")


main()
