#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does the whole DNS profile cost a domain, in an internet whose domains share their servers?

usage: bench/population.py BUILD DOMAINS_FILE; inside the fake internet's population. Our own
Unbound belongs to what dss starts: its CPU is told apart, as a line of its own.
"""
import os
import subprocess
import sys
import time

BUILD, DOMAINS = sys.argv[1:3]
HERTZ = os.sysconf("SC_CLK_TCK")
LIMIT_SECONDS = 600


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            below = file.read().split()
    except OSError:
        return
    for child in below:
        yield child
        yield from children(child)


def read_process(pid):
    """Name, CPU seconds and peak KiB so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        name, fields = file.read().rsplit(")", 1)
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        peak = next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    words = fields.split()
    return name.split("(", 1)[1], (int(words[11]) + int(words[12])) / HERTZ, peak


def main():
    with open(DOMAINS, encoding="ascii") as file:
        count = sum(1 for _ in file)
    argv = [os.path.join(BUILD, "src", "main", "dss"), "scan", "--list", DOMAINS, "--profile", "dns",
            "--rate", "100000", "-f", "jsonl", "-q"]
    seen = {}
    start = time.monotonic()
    with subprocess.Popen(["taskset", "-c", "0", *argv], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            for pid in [str(process.pid), *children(process.pid)]:
                try:
                    name, cpu, peak = read_process(pid)
                    seen[pid] = name, cpu, max(peak, seen.get(pid, (name, 0, 0))[2])
                except (OSError, IndexError, ValueError):
                    continue  # it has just left
            if time.monotonic() - start > LIMIT_SECONDS:
                process.kill()
                sys.exit("bench: the scans took too long")
            time.sleep(0.05)
    wall = time.monotonic() - start
    if process.returncode not in (0, 4):
        sys.exit(f"bench: dss: exit code {process.returncode}")
    ours = [figures for figures in seen.values() if figures[0].startswith("dss")]
    others = [figures for figures in seen.values() if not figures[0].startswith("dss")]
    for name, processes in (("dns-profile", ours), ("dns-profile-unbound", others)):
        cpu = sum(figures[1] for figures in processes)
        peak = max((figures[2] for figures in processes), default=0)
        print(f"{name}-{count}-domains {count} {wall:.3f} {cpu * 1e3 / count:.6f} {peak}", flush=True)


main()
