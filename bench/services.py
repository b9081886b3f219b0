#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many scans a second does dss serve end, from POST to the stored result, and how soon does one start?

usage: bench/services.py BUILD DOMAINS_FILE; inside the fake internet's population. Each profile has
services of its own, so that no cache is warm before its batch. Accepted and started are the store's
times (the first is in the scan's id).
"""
import contextlib
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD, DOMAINS = sys.argv[1:3]
DSS = os.path.join(BUILD, "src", "main", "dss")
HERTZ = os.sysconf("SC_CLK_TCK")
PORT, SINGLES, LIMIT_SECONDS = 8053, 200, 600


def read_process(pid):
    """Name, CPU seconds, RSS and peak of it in KiB."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file)
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        words = file.read().decode().split("\0")
    name = "-".join([os.path.basename(words[0]), *words[1:2]])
    return (name, (int(fields[11]) + int(fields[12])) / HERTZ,
            *(int(status.get(key, "0").split()[0]) for key in ("VmRSS", "VmHWM")))


def tree(pid):
    yield pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    for child in children:
        yield from tree(child)


class Services:
    def __init__(self, folder):
        self.folder = folder
        environment = dict(os.environ, DSS_CONFIG="/dev/null", DSS_DATA=folder, DSS_RATE="100000")
        self.process = subprocess.Popen(
            [DSS, "serve", "--listen", f"127.0.0.1:{PORT}", "--request-rate", "0"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "serve.ready" in line:
                break
        else:
            sys.exit("dss serve is not ready")
        with open(os.path.join(folder, "log"), "w", encoding="utf-8") as log:
            self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=log)
        made = subprocess.run([DSS, "keys", "create", "bench", "--role", "admin", "-f", "json"], env=environment,
                              check=True, capture_output=True, text=True)
        self.token = next(value for key, value in json.loads(made.stdout).items() if key in ("key", "token", "secret"))
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def ask(self, method, path, body=None, content="application/json"):
        self.connection.request(method, "/api/v1" + path, body,
                                {"Authorization": "Bearer " + self.token, "Content-Type": content})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:500]}")
        return text

    def get(self, path):
        return json.loads(self.ask("GET", path))

    def post(self, path, **members):
        return json.loads(self.ask("POST", path, json.dumps(members)))

    def costs(self):
        rows = []
        for pid in tree(str(self.process.pid)):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                rows.append(read_process(pid))
        return rows

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.drain.wait(60)


def wait(services, path, is_over, step):
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        document = services.get(path)
        if is_over(document):
            return document
        time.sleep(step)
    sys.exit(f"{path} has not ended")


def batch(services, profile, count):
    cpu, begun = sum(row[1] for row in services.costs()), time.monotonic()
    made = services.post("/batches", selector="all", profile=profile)
    ended = wait(services, "/batches/" + made["id"], lambda one: one["state"] not in ("queued", "expanding", "running"),
                 0.05)
    wall, costs = time.monotonic() - begun, services.costs()
    incomplete = ended.get("incomplete", 0)
    if ended.get("done", 0) + incomplete != count:
        sys.exit(f"not every scan has ended well: {ended}")
    print(f"services-{profile}  {count}  {wall:.2f}  {1000 * (sum(row[1] for row in costs) - cpu) / count:.4f}  "
          f"{sum(row[3] for row in costs)}", flush=True)
    print(f"# services-{profile}: {count / wall:.0f} scans/s from POST to stored result, "
          f"{incomplete} incomplete; CPU of all processes, sum of their peaks")
    for name, cpu, rss, peak in costs:
        print(f"# services-{profile}: {name}: RSS {rss} KiB, peak {peak} KiB, CPU {cpu:.1f} s")


def accepted_ms(scan):
    """Of a UUIDv7: milliseconds, then 12 bits of their fraction."""
    return int.from_bytes(scan[:6], "big") + (int.from_bytes(scan[6:8], "big") & 0xfff) / 4096


# Target of accepted to started: 50 ms at p99; goal: 10.
def singles(services, names):
    begun, cpu = time.monotonic(), sum(row[1] for row in services.costs())
    for name in names:
        made = services.post("/scans", name=name, profile="quick", priority="high")
        wait(services, "/scans/" + made["id"], lambda one: one["ended_at"] if "ended_at" in one else None, 0.02)
    wall, costs = time.monotonic() - begun, services.costs()
    with contextlib.closing(sqlite3.connect(f"file:{services.folder}/dss.db?mode=ro", uri=True)) as store:
        rows = store.execute("SELECT id, started_at FROM scan ORDER BY no DESC LIMIT ?", (len(names),)).fetchall()
    waits = sorted(started / 1000 - accepted_ms(scan) for scan, started in rows)
    print(f"services-single  {len(names)}  {wall:.2f}  "
          f"{1000 * (sum(row[1] for row in costs) - cpu) / len(names):.4f}  {sum(row[3] for row in costs)}")
    print(f"# services-single: accepted to started: p50 {waits[len(waits) // 2]:.1f} ms, "
          f"p99 {waits[len(waits) * 99 // 100 - 1]:.1f} ms, most {waits[-1]:.1f} ms (target: 50 ms at p99, goal 10)",
          flush=True)


def main():
    with open(DOMAINS, encoding="ascii") as file:
        names = file.read().split()
    print("# own Unbound, scan.rate_per_host 100,000; client, fake internet and services share the cores")
    for profile in ("quick", "dns"):
        with tempfile.TemporaryDirectory(prefix="bench-services.") as folder:
            services = Services(folder)
            try:
                services.ask("POST", "/domains/import", "\n".join(names) + "\n", "text/plain")
                batch(services, profile, len(names))
                if profile == "quick":
                    singles(services, names[:SINGLES])
            finally:
                services.close()


main()
