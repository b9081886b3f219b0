#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What do separate roles cost over RabbitMQ and PostgreSQL: one API, one scheduler, one worker, then two?

usage: bench/cluster.py BUILD; inside the fake internet's population. Each line has a cluster of its own, so that no
cache is warm. A worker has one scanner; rates are off. Everything shares the machine: broker, database, the answering
internet and this program, so a second worker shows what is left of it.
"""
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "cluster"))
from machines import Cluster, FINAL  # noqa: E402

HERTZ = os.sysconf("SC_CLK_TCK")
IDLE_S, LIMIT_S = 5, 600


def read_process(pid):
    """CPU seconds, RSS and peak in KiB."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines())
    return ((int(fields[11]) + int(fields[12])) / HERTZ,
            *(int(status.get(key, "0").split()[0]) for key in ("VmRSS", "VmHWM")))


def tree(pid):
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from tree(int(child))


def name_of(pid, role):
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    program = os.path.basename(words[0])
    return role if program == "dss" else f"{role}-{program}" + (f"-{words[1]}" if program == "dss-net" else "")


def look(cluster):
    """Name -> (CPU, RSS, peak) of machine 0's processes; the CPU of all machines' roles together."""
    found, cpu = {}, 0
    for i, machine in enumerate(cluster.machines):
        for role, process in machine.processes.items():
            for pid in tree(process.pid):
                figures = read_process(pid)
                cpu += figures[0]
                if not i:
                    found[name_of(pid, role)] = figures
    return found, cpu


def measure(build, names, workers):
    class Bench(Cluster):
        APIS, SCHEDULERS, WORKERS = 1, 1, workers

    with tempfile.TemporaryDirectory(prefix="dss-bench-cluster.") as folder, Bench(build, folder) as cluster:
        rows = "\n".join(names).encode() + b"\n"
        cluster.request("POST", "/domains/import", rows, {"Content-Type": "text/plain", "Accept": "application/x-ndjson"},
                        timeout=300)
        until = time.monotonic() + LIMIT_S
        while cluster.request("GET", "/queue")[1]["capacity"] < 1 and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(IDLE_S)
        idle, cpu_before = look(cluster)
        begun = time.monotonic()
        batch = cluster.request("POST", "/batches", {"names": names, "profile": "quick"})[1]["id"]
        ended = 0
        while ended < len(names) and time.monotonic() < until:
            time.sleep(0.2)
            body = cluster.request("GET", f"/batches/{batch}")[1]
            ended = sum(body.get(state, 0) for state in FINAL)
        wall = time.monotonic() - begun
        loaded, cpu = look(cluster)
        peak = sum(figures[2] for figures in loaded.values())
        plural = "s" if workers > 1 else ""
        print(f"cluster-scans-{workers}-worker{plural} {ended} {wall:.4f} {(cpu - cpu_before) * 1e3 / max(ended, 1):.4f} {peak}",
              flush=True)
        for name in sorted(loaded if workers == 1 else ()):
            before = idle.get(name, (0, 0, 0))[1]
            print(f"cluster-{name}-idle 1 {IDLE_S} 0 {before}")
            print(f"cluster-{name}-loaded {ended} {wall:.4f} "
                  f"{(loaded[name][0] - idle.get(name, (0,))[0]) * 1e3 / max(ended, 1):.4f} {loaded[name][2]}", flush=True)
        return ended == len(names)


def main():
    names = Path(os.environ["DSS_INTERNET_RUN"], "scenario", "domains").read_text(encoding="ascii").split()
    good = [measure(sys.argv[1], names, workers) for workers in (1, 2)]
    return 0 if all(good) else 1


sys.exit(main())
