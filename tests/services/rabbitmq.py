#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does all of it work with RabbitMQ as the queue: as dss serve, and as separate processes?

Runs inside the fake internet (rabbitmq.sh) with a real broker. What counts is the store's ledger: each
scan that was accepted has ended, once, whatever happens to broker, scheduler and workers meanwhile.
"""
import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rabbitmq"))
import broker as rabbit  # noqa: E402

BUILD = os.path.abspath(os.environ["DSS_BUILD"])
DSS = os.path.join(BUILD, "src", "main", "dss")
WAIT_S = 120
GOOD = ["dns-host.net", "dns-other.com", "mail-host.net", "web-host.com", "cdn-net.com"]
FINAL = {"done", "incomplete", "failed", "cancelled"}

passed = failed = 0


def check(name, is_true, detail=""):
    global passed, failed
    if is_true:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}\n  {detail}", flush=True)


def until(condition, what, seconds=WAIT_S):
    """Wait for what must come; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds} s")


class Process:
    """A role, or dss serve with all of them."""

    def __init__(self, world, role, *words, url=None, password=None, **environment):
        self.log_path = os.path.join(world.folder, f"log.{role}.{time.monotonic_ns()}")
        self.log = open(self.log_path, "w+b")
        all_environment = {name: value for name, value in os.environ.items()
                           if name.startswith(("DSS_SCAN_", "ASAN_", "UBSAN_"))}
        all_environment |= {"PATH": os.environ["PATH"], "HOME": world.folder, **environment}
        self.process = subprocess.Popen(
            [DSS, role, "-c", "/dev/null", "--data", world.data, "--log-level", "debug",
             "--bus", url or world.broker.url, "--bus-password-file",
             password or world.broker.password_file, *words],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=all_environment)
        world.processes.append(self)

    def events(self, name):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            found = []
            for line in lines:
                if line.startswith("{") and line.endswith("\n"):
                    event = json.loads(line)
                    if event.get("event") == name:
                        found.append(event)
        return found

    def text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)
        return self.process.returncode


class World:
    """A broker, a data folder, and what runs on them."""

    def __init__(self, broker):
        self.broker = broker
        self.folder = tempfile.mkdtemp(prefix="dss-rabbitmq.")
        self.data = os.path.join(self.folder, "data")
        self.processes = []
        broker.purge()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for process in reversed(self.processes):
            code = process.end()
            if process.process.returncode == -signal.SIGKILL:
                continue
            text = process.text()
            check("a process ends cleanly", code == 0 and "Sanitizer" not in text,
                  f"exit {code}: {text[-3000:]}")
            if kind:
                print(process.log_path, text[-3000:], flush=True)
        check("no password shows", not any(self.broker.password in p.text() for p in self.processes))
        shutil.rmtree(self.folder)

    def dss(self, *words):
        done = subprocess.run([DSS, *words, "-c", "/dev/null", "--data", self.data],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": self.folder})
        if done.returncode:
            raise RuntimeError(f"dss {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def scans(self):
        text = self.dss("scans", "list", "-f", "jsonl")
        return [json.loads(line) for line in text.splitlines()]

    def ended(self, count):
        scans = self.scans()
        return scans if len(scans) == count and all(s["state"] in FINAL for s in scans) else None

    def start_scans(self, times=1):
        for _ in range(times):
            self.dss("scans", "start", "--all", "--fresh")

    def queues(self):
        return json.loads(self.dss("queue", "status", "-f", "json", "--bus", self.broker.url))

    def no_work_left(self, what):
        """Nothing is on the broker any more, and no job in the store."""
        until(lambda: all(sum(n) == 0 for n in self.broker.queues().values()), what, 60)

    def once(self, name, scans):
        states = collections.Counter(s["state"] for s in scans)
        check(f"{name}: all are done", set(states) <= {"done", "incomplete"}, states)


def serve_runs_on_it(broker):
    with World(broker) as world:
        serve = Process(world, "serve", "--listen", f"127.0.0.1:{rabbit.free_port()}")
        until(lambda: serve.events("worker.ready"), "the worker is ready")
        world.dss("domains", "add", *GOOD)
        world.start_scans()
        scans = until(lambda: world.ended(len(GOOD)), "all end")
        world.once("serve", scans)
        world.no_work_left("serve leaves nothing")
        check("the embedded queue was not used",
              not any(row.get("ready", 0) + row.get("leased", 0) for row in world.queues()["queues"]),
              world.queues())


def main():
    with rabbit.Broker() as broker:
        for case in (serve_runs_on_it,):
            started = time.monotonic()
            try:
                case(broker)
            except (TimeoutError, RuntimeError) as error:
                check(case.__name__, False, error)
            print(f"{case.__name__}: {time.monotonic() - started:.1f} s", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
