#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What do scans cost? CPU of dss with its scanner, the answering server on the other processor.

usage: bench/scans.py BUILD [--peers]; prints the figures that tools/bench.py reads.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

BUILD = sys.argv[1]
DSS = os.path.join(BUILD, "src", "main", "dss")
POSTURE = "mail.spf,mail.tls-rpt"
LIMIT_SECONDS = 300
MODERATE = 0.3  # the most that a figure of three may differ from their median without a word


class Server:
    """bench/serve.c: answers every name as a domain with mail would."""

    def __init__(self):
        self.process = subprocess.Popen([os.path.join(BUILD, "bench", "serve")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.resolver = "127.0.0.1:" + self.process.stdout.readline().strip()

    def count(self):
        self.process.stdin.write("?")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def scanner_peak(pid):
    """Peak KiB of the largest process below pid, now."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            peak = next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0
    return max([peak, *(scanner_peak(child) for child in children)])


def watch(pid, peaks, ended):
    """The kernel's own account would begin with this interpreter's size."""
    while not ended.wait(0.02):
        peaks.append(scanner_peak(pid))


def run(argv, lines=""):
    """Wall seconds, CPU seconds and peak KiB of a command and all it started. What ends within 20 ms
    has no peak."""
    peaks, ended = [0], threading.Event()
    with tempfile.TemporaryFile("w+") as names:
        names.write(lines)
        names.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(["timeout", str(LIMIT_SECONDS), "taskset", "-c", "0", *argv],
                                   stdin=names, stdout=subprocess.DEVNULL)
        watcher = threading.Thread(target=watch, args=(process.pid, peaks, ended))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 4):
        sys.exit(f"bench: {' '.join(argv)}: exit code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, max(peaks)


def median(argv, lines="", times=3):
    runs = [run(argv, lines) for _ in range(times)]
    cpu = statistics.median(figures[1] for figures in runs)
    if any(abs(figures[1] - cpu) > MODERATE * cpu for figures in runs):
        print("# the next figure is of runs that differ much")
    return [statistics.median(column) for column in zip(*runs)]


def put(name, ops, figures, peer=""):
    wall, cpu, rss = figures
    print(f"{name} {ops} {wall:.4f} {cpu * 1e3 / ops:.6f} {rss:.0f} {peer}".rstrip(), flush=True)


def domains(count):
    return "".join(f"d{number:06d}.example.com\n" for number in range(count))


def run_exchange(count):
    """What the batched exchange alone costs: it measures itself."""
    done = subprocess.run([os.path.join(BUILD, "bench", "exchange"), str(count)], check=True,
                          text=True, stdout=subprocess.PIPE, timeout=LIMIT_SECONDS)
    _, ops, wall, cpu_ms, rss = done.stdout.split()
    return float(wall), float(cpu_ms) * int(ops) / 1e3, int(rss)


def measure_names(server, has_peers):
    count = 200000
    names = domains(count)
    address, port = server.resolver.split(":")
    programs = {"": [DSS, "ask", "dns", "A", "--resolver", server.resolver, "-q"]}
    if has_peers:
        programs["dnsperf"] = ["dnsperf", "-s", address, "-p", port, "-q", "1000"]
        programs["massdns"] = ["massdns", "-r", "/dev/stdin", "-o", "J", "-q"]
    with tempfile.TemporaryDirectory() as folder:
        lists = {"dnsperf": ("queries", names.replace("\n", " A\n")), "massdns": ("names", names)}
        for peer, (file_name, text) in lists.items():
            path = os.path.join(folder, file_name)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            if peer in programs:
                programs[peer] += ["-d", path] if peer == "dnsperf" else [path]
        for peer in [peer for peer in programs if peer and not shutil.which(peer)]:
            print(f"# {peer}: not on the PATH")
            del programs[peer]
        runs = {peer: [] for peer in [*programs, "exchange"]}
        for _ in range(3):  # alternating, so that what disturbs one disturbs all
            for peer, argv in programs.items():
                lines = {"": names, "massdns": server.resolver + "\n"}.get(peer, "")
                runs[peer].append(run(argv, lines))
            runs["exchange"].append(run_exchange(count))
    costs = {}
    for peer, figures in runs.items():
        columns = [statistics.median(column) for column in zip(*figures)]
        costs[peer] = columns[1]
        put("names-json", count, columns, peer)
    print(f"# names: {costs[''] / costs['exchange']:.2f} times the exchange alone; "
          "target 2.1, goal 1.6")


def scan(server, *words):
    return [DSS, "scan", "-", "--resolver", server.resolver, "-f", "jsonl", "-q", *words]


def measure_scans(server):
    before = server.count()
    run(scan(server, "--only", POSTURE), domains(1000))
    queries = (server.count() - before) / 1000
    print(f"# posture: {queries:.1f} queries a domain; target 0.11 ms for 8 queries, goal 0.07")
    for count in (1, 10, 100, 1000, 10000):
        put(f"posture-{count}-domains", count,
            median(scan(server, "--only", POSTURE), domains(count)))
    before = server.count()
    run(scan(server, "--profile", "quick"), domains(100))
    queries = (server.count() - before) / 100
    print(f"# profile quick: {queries:.1f} queries a domain")
    put("quick-1000-domains", 1000, median(scan(server, "--profile", "quick"), domains(1000)))


def measure_memory(server):
    peaks = {}
    for held in (1, 1000):
        wall, cpu, peaks[held] = run(scan(server, "--profile", "quick", "--in-flight", str(held)),
                                     domains(2000))
        put(f"quick-{held}-in-flight", 2000, (wall, cpu, peaks[held]))
    print(f"# memory of a scan in flight: {(peaks[1000] - peaks[1]) / 999:.0f} KiB; "
          "target 256, goal 64")


def measure_judging(server):
    with tempfile.TemporaryDirectory() as folder:
        facts = os.path.join(folder, "facts")
        run(scan(server, "--profile", "quick", "--facts", facts), domains(2000))
        put("judge-stored-scan", 2000, median([DSS, "judge", facts, "-f", "jsonl", "-q"]))


def main():
    put("start-version", 1, median([DSS, "--version"], times=9))
    print("# start: target 10 ms of wall time, goal 5")
    server = Server()
    try:
        measure_names(server, "--peers" in sys.argv[2:])
        measure_scans(server)
        measure_memory(server)
        measure_judging(server)
    finally:
        server.stop()


main()
