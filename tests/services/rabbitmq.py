#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does all of it work with RabbitMQ as the queue: as dss serve, and as separate processes?

Runs inside the fake internet (rabbitmq.sh) with a real broker. What counts is the store's ledger: each
scan that was accepted has ended, once, whatever happens to broker, scheduler and workers meanwhile.
"""
import collections
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "rabbitmq")]
import broker as rabbit  # noqa: E402
import counted  # noqa: E402
from counted import check  # noqa: E402

BUILD = os.path.abspath(os.environ["DSS_BUILD"])
DSS = os.path.join(BUILD, "src", "main", "dss")
WAIT_S = 120
GOOD = ["dns-host.net", "dns-other.com", "mail-host.net", "web-host.com", "cdn-net.com"]
SLOW = "slow.com"
FINAL = {"done", "incomplete", "failed", "cancelled"}

def until(condition, what, seconds=WAIT_S):
    return counted.until(condition, what, seconds)


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
            self.process.send_signal(signal.SIGCONT)
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

    def store(self, text, *values):
        """Rows of the store, past everything."""
        with sqlite3.connect(os.path.join(self.data, "dss.db"), timeout=30) as store:
            return store.execute(text, values).fetchall()

    def endings(self):
        """How many scans have ended how often, by their events."""
        rows = self.store("SELECT count(*) FROM event WHERE type BETWEEN 22 AND 25 "
                          "GROUP BY scan")  # scan.completed to scan.cancelled
        return collections.Counter(count for (count,) in rows)

    def ended_at_least(self, count):
        scans = self.scans()
        return scans if len(scans) >= count and all(s["state"] in FINAL for s in scans) else None

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


def roles(world, schedulers=2, workers=2):
    """One process each, as on several machines."""
    made = {"schedulers": [Process(world, "scheduler") for _ in range(schedulers)],
            "workers": [Process(world, "worker", "--concurrency", "1", "--in-flight", "16")
                        for _ in range(workers)]}
    for worker in made["workers"]:
        until(lambda worker=worker: worker.events("worker.ready"), "a worker is ready")
    return made


def leader_of(schedulers):
    return until(lambda: next((s for s in schedulers if s.process.poll() is None
                               and len(s.events("scheduler.leads")) > len(s.events("scheduler.waits"))),
                              None), "one leads", 40)


def in_hand(broker):
    """Messages ready and unacked, as the broker counts them; None: fewer than ten, or none unacked."""
    counts = [sum(column) for column in zip(*broker.queues().values())] or [0, 0]
    return counts if counts[1] and sum(counts) >= 10 else None


def whatever_is_killed_each_scan_ends_once(broker):
    """Broker, leading scheduler and a worker, all by SIGKILL, with work in hand."""
    with World(broker) as world:
        made = roles(world)
        names = [f"n{i}.{name}" for i in range(30) for name in GOOD]
        world.dss("domains", "add", *names, SLOW)
        total = 0
        for victim in ("broker", "scheduler", "worker"):
            if victim == "broker":  # workers that stand still for a moment have something in hand
                for worker in made["workers"]:
                    worker.process.send_signal(signal.SIGSTOP)
            world.start_scans()
            total += len(names) + 1
            if victim == "broker":
                ready, on_it = until(lambda: in_hand(broker), "messages are on the broker", 12)
                broker.kill()
                for worker in made["workers"]:
                    worker.process.send_signal(signal.SIGCONT)
                print(f"broker killed with {on_it} messages unacked, {ready} ready", flush=True)
                time.sleep(1)
                broker.start()
            elif victim == "scheduler":
                leader_of(made["schedulers"]).end(signal.SIGKILL)
            else:
                until(lambda: made["workers"][0].events("scan.taken"), "the worker has some")
                made["workers"][0].end(signal.SIGKILL)
            scans = until(lambda: world.ended_at_least(total), f"all end after the {victim}'s death")
            world.once(f"after the {victim}", scans)
        check("no scan was left over or made up", len(scans) == total, (len(scans), total))
        check("each ended once", world.endings() == collections.Counter({1: total}),
              world.endings())
        world.no_work_left("nothing is left on the broker")


def ready_parts(port, is_wanted):
    """The parts of /readyz, which is 200, when they are as wanted."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            parts = {part["name"]: part for part in json.load(answer)["parts"]}
    except OSError:
        return None
    return parts if is_wanted(parts) else None


def depths(port, is_wanted):
    """What /metrics says of the broker's queues, when it is as wanted."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return None
    found = dict(re.fullmatch(r'dss_broker_messages\{queue="(.*)"\} (-?\d+)', line).groups()
                 for line in lines if line.startswith("dss_broker_messages{"))
    return found if is_wanted(found) else None


def the_api_tells_how_full_the_broker_is(broker):
    with World(broker) as world:
        port = rabbit.free_port()
        Process(world, "api", "--listen", f"127.0.0.1:{port}")
        empty = until(lambda: depths(port, lambda d: d.get("dss.scan.bulk") == "0"), "the queues are empty")
        check("all queues are told", set(empty) == {"dss.scan.high", "dss.scan.normal", "dss.scan.bulk", "dss.dead"},
              empty)
        Process(world, "scheduler")
        now = int(time.time() * 1e6)
        until(lambda: world.store("SELECT 1 FROM sqlite_master WHERE name = 'job'"), "the store is there")
        world.store("INSERT INTO job (queue, message, available_at, enqueued_at) VALUES (2, ?, ?, ?)",
                    b"no JSON", now, now)  # and nobody is there to take it
        until(lambda: depths(port, lambda d: d.get("dss.scan.bulk") == "1"), "the API sees one message")
        until(lambda: broker.queues().get("dss.scan.bulk") == (1, 0), "so does the broker")
        broker.kill()
        until(lambda: depths(port, lambda d: d.get("dss.scan.bulk") == "-1"), "it is not known any more")
        broker.start()
        until(lambda: depths(port, lambda d: d.get("dss.scan.bulk") == "1"), "and again it is")
        workers = [Process(world, "worker")]
        until(lambda: workers[0].events("message.buried"), "a worker takes it")


def while_the_broker_is_away_scans_wait_in_the_store(broker):
    with World(broker) as world:
        roles(world, schedulers=1, workers=1)
        world.dss("domains", "add", *GOOD)
        broker.kill()
        scheduler = world.processes[0]
        until(lambda: scheduler.events("bus.down"), "the scheduler says so")
        port = rabbit.free_port()
        Process(world, "api", "--listen", f"127.0.0.1:{port}")
        parts = until(lambda: ready_parts(port, lambda p: p.get("queue", {}).get("reason")),
                      "the API tells that the broker is away")
        check("and is ready all the same", parts["store"]["ready"] and not parts["queue"]["ready"],
              parts)
        started = time.monotonic()
        world.start_scans()
        check("accepting does not wait for the broker", time.monotonic() - started < 15)
        time.sleep(3)
        waiting = world.store("SELECT count(*) FROM scan WHERE state = 0 AND published_at IS NULL")
        check("they wait in the store", waiting == [(len(GOOD),)], waiting)
        check("it is said once", len(scheduler.events("bus.down")) <= 3, scheduler.events("bus.down"))
        broker.start()
        world.once("after it", until(lambda: world.ended(len(GOOD)), "all end"))
        until(lambda: scheduler.events("bus.up"), "the scheduler says that it is back")
        until(lambda: ready_parts(port, lambda p: p["queue"]["ready"]), "so does the API")


def dead_letters_come_into_the_store_and_go_out_again(broker):
    with World(broker) as world:
        made = roles(world, schedulers=1, workers=1)
        now = int(time.time() * 1e6)
        world.store("INSERT INTO job (queue, message, available_at, enqueued_at) VALUES (2, ?, ?, ?)",
                    b"no JSON", now, now)
        until(lambda: made["workers"][0].events("message.buried"), "the worker buries it")
        dead = until(lambda: world.dss("queue", "dead", "-f", "jsonl").strip(), "it is in the store")
        letter = json.loads(dead.splitlines()[0])
        check("with its reason, message and queue",
              "no JSON object" in letter["reason"] and letter["message"] == "no JSON"
              and letter["queue"] == "dss.scan.bulk" and letter.get("attempt") == 1, letter)
        check("and not on the broker any more",
              until(lambda: broker.queues().get("dss.dead") == (0, 0), "dss.dead is empty"))
        world.dss("queue", "retry", letter["id"])
        until(lambda: len(made["workers"][0].events("message.buried")) == 2, "it went out again")
        until(lambda: world.dss("queue", "dead", "-f", "jsonl").strip(), "and came back")


def what_is_wrong_is_said_and_nothing_crashes(broker):
    with World(broker) as world:
        wrong = os.path.join(world.folder, "wrong")
        with open(wrong, "w", encoding="ascii") as file:
            file.write("not the password\n")
        scheduler = Process(world, "scheduler", password=wrong)
        down = until(lambda: scheduler.events("bus.down"), "the scheduler says so")
        check("wrong password", 'refuses user "dss"' in down[0]["reason"], down)
        other = Process(world, "worker", url=broker.url.rsplit("/", 1)[0] + "/nowhere")
        down = until(lambda: other.events("bus.down"), "the worker says so")
        check("no such vhost", 'vhost "nowhere"' in down[0]["reason"], down)
        time.sleep(4)
        check("once, and they wait", len(scheduler.events("bus.down")) == 1
              and scheduler.process.poll() is None and other.process.poll() is None)
        doctor = subprocess.run(
            [DSS, "doctor", "-c", "/dev/null", "--bus", broker.url, "--bus-password-file", wrong],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "HOME": world.folder})
        check("dss doctor tells", re.search('BAD +queue .*refuses user "dss"', doctor.stdout),
              doctor.stdout + doctor.stderr)
        doctor = subprocess.run(
            [DSS, "doctor", "-c", "/dev/null", "--bus", broker.tls_url, "--bus-ca-file",
             broker.ca_file, "--bus-password-file", broker.password_file],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "HOME": world.folder})
        check("and that all is well, over TLS", re.search("ok +queue ", doctor.stdout),
              doctor.stdout + doctor.stderr)
        missing = Process(world, "scheduler", password="/no/such/file")
        check("a password file that is not there ends it with 2", missing.process.wait(30) == 2,
              missing.text())
        check("with one line", missing.text().count("\n") <= 2 and "/no/such/file" in missing.text(),
              missing.text())
        world.processes.remove(missing)
        serve = Process(world, "serve", password="/no/such/file")
        check("dss serve ends with it", serve.process.wait(60) != 0, serve.text())
        world.processes.remove(serve)


def main():
    wanted = sys.argv[1:]
    with rabbit.Broker() as broker:
        for case in (serve_runs_on_it, whatever_is_killed_each_scan_ends_once,
                     while_the_broker_is_away_scans_wait_in_the_store,
                     the_api_tells_how_full_the_broker_is,
                     dead_letters_come_into_the_store_and_go_out_again,
                     what_is_wrong_is_said_and_nothing_crashes):
            if wanted and case.__name__ not in wanted:
                continue
            started = time.monotonic()
            try:
                case(broker)
            except (TimeoutError, RuntimeError) as error:
                check(case.__name__, False, error)
            print(f"{case.__name__}: {time.monotonic() - started:.1f} s", flush=True)
    return counted.end()


if __name__ == "__main__":
    sys.exit(main())
