# SPDX-License-Identifier: Apache-2.0
"""Schedulers against a real store: one fire a tick, one scan a domain, whatever happens to them or the clock.

The wall clock of every process is moved by libfaketime; the monotonic one is not. The tables are read
beside the schedulers, which is what counts: not what they say.
"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from server import BUILD, DSS, Cases

SEED = os.path.join(BUILD, "tests/services/seed")
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
LEASE_SECONDS = 15
MINUTE = 60
cases = Cases()


class World:
    """A data folder, a clock for all processes, and the schedulers on it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dss-scheduler.")
        self.data = os.path.join(self.folder, "data")
        self.clock = os.path.join(self.folder, "clock")
        self.offset = 0.0
        self.processes, self.killed, self.logs = [], [], {}
        self.set_offset(0.0)
        # The "fix", which libfaketime takes for needed here, lets waits on conditions of the monotonic
        # clock end at once.
        self.environment = dict(os.environ, LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=self.clock,
                                FAKETIME_NO_CACHE="1", DONT_FAKE_MONOTONIC="1",
                                FAKETIME_FORCE_MONOTONIC_FIX="0",
                                ASAN_OPTIONS="verify_asan_link_order=0")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
            elif process not in self.killed:
                cases.true("no process ends by itself", False, self.logs.get(process))
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                cases.true("a scheduler ends on SIGTERM", False)
        for path in self.logs.values():
            text = open(path, encoding="utf-8", errors="replace").read()
            if "Sanitizer" in text or "runtime error" in text or "\ndss:" in "\n" + text:
                cases.true("nothing is wrong in a log", False, text[-3000:])
        shutil.rmtree(self.folder)

    # ---- the clock ----

    def set_offset(self, seconds):
        self.offset = seconds
        with open(self.clock + ".new", "w", encoding="ascii") as file:
            file.write(f"{seconds:+.3f}\n")
        os.rename(self.clock + ".new", self.clock)

    def now(self):
        return time.time() + self.offset

    def go_before_next_minute(self):
        """The clock goes forward to a second before the next minute; returns that minute."""
        minute = (self.now() // MINUTE + 1) * MINUTE
        self.set_offset(minute - 1 - time.time())
        return int(minute)

    # ---- processes ----

    def run_seed(self, *words):
        subprocess.run([SEED, self.data, *map(str, words)], env=self.environment, check=True)

    def start(self):
        path = os.path.join(self.folder, f"log.{len(self.logs)}")
        with open(path, "wb") as log:
            process = subprocess.Popen([DSS, "scheduler", "--data", self.data, "--log-format", "json"],
                                       env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log)
        self.processes.append(process)
        self.logs[process] = path
        return process

    def start_worker(self, capacity, takes):
        process = subprocess.Popen([SEED, self.data, "worker", str(capacity), str(takes)],
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE)
        self.processes.append(process)
        return process

    def events(self, process, name):
        lines = []
        for line in open(self.logs[process], encoding="utf-8", errors="replace"):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == name:
                lines.append(event)
        return lines

    def leader(self):
        """The process that holds the lease."""
        for holder, until_us in self.rows("SELECT holder, until FROM lease WHERE name = 'scheduler'"):
            for process in self.logs:
                ids = {event["scheduler"] for event in self.events(process, "scheduler.leads")}
                if until_us and process.poll() is None and id_text("wrk", holder) in ids:
                    return process
        return None

    def kill(self, process):
        process.kill()
        process.wait()
        self.killed.append(process)

    # ---- what the store says ----

    def rows(self, text, *values):
        store = sqlite3.connect(f"file:{self.data}/dss.db?mode=ro", uri=True, timeout=20)
        try:
            return store.execute(text, values).fetchall()
        finally:
            store.close()

    def number(self, text, *values):
        return self.rows(text, *values)[0][0]

    def ticks(self):
        """{tick in seconds: batches}"""
        return {tick // 1000000: count for tick, count in
                self.rows("SELECT tick, count(*) FROM batch WHERE schedule IS NOT NULL GROUP BY tick")}

    def fired_events(self):
        return self.number("SELECT count(*) FROM event WHERE type = 50")


def id_text(prefix, octets):
    """As base/uuid.h writes ids."""
    number = int.from_bytes(octets, "big")
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    return prefix + "_" + "".join(digits[number >> 5 * place & 31] for place in reversed(range(26)))


def until(condition, seconds):
    """What the condition says when it is true, or after so long."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.05)


def one_each(name, world, ticks):
    got = world.ticks()
    cases.same(f"{name}: one batch a tick", {tick: 1 for tick in ticks}, got)
    cases.same(f"{name}: one event a tick", len(got), world.fired_events())


def three_fire_once():
    with World() as world:
        world.run_seed("domains", 3)
        world.run_seed("schedule", "nightly", "* * * * *", "Europe/Berlin", "once")
        for _ in range(3):
            world.start()
        cases.true("one of three leads", until(world.leader, 20))
        ticks = []
        for _ in range(5):
            ticks.append(world.go_before_next_minute())
            cases.true("the tick fires", until(lambda: ticks[-1] in world.ticks(), 8))
        time.sleep(1)
        one_each("three schedulers", world, ticks)


def leader_sleeps():
    """SIGSTOP beyond the lease; the other fires, the sleeper wakes at a tick and fires nothing."""
    with World() as world:
        world.run_seed("domains", 3)
        world.run_seed("schedule", "nightly", "* * * * *", "UTC", "once")
        for _ in range(3):
            world.start()
        sleeper = until(world.leader, 20)
        ticks = [world.go_before_next_minute()]
        until(lambda: ticks[-1] in world.ticks(), 8)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        ticks.append(world.go_before_next_minute())
        begun = time.monotonic()
        fired = until(lambda: ticks[-1] in world.ticks(), LEASE_SECONDS + 10)
        cases.true("another fires what the sleeper could not", fired)
        print(f"taken over from a sleeping leader after {time.monotonic() - begun:.1f} s")
        # It wakes beside the next tick, believing that it leads.
        ticks.append(world.go_before_next_minute())
        sleeper.send_signal(signal.SIGCONT)
        cases.true("the tick beside its waking fires", until(lambda: ticks[-1] in world.ticks(), 8))
        cases.true("it sees that it does not lead",
                   until(lambda: world.events(sleeper, "scheduler.waits"), 10))
        cases.true("somebody else leads", world.leader() not in (None, sleeper))
        time.sleep(1)
        one_each("a leader that slept", world, ticks)


def leader_is_killed():
    with World() as world:
        world.run_seed("domains", 3)
        world.run_seed("schedule", "nightly", "* * * * *", "UTC", "once")
        world.start()
        world.start()
        ticks = []
        for _ in range(3):
            killed = until(world.leader, 20)
            begun = time.monotonic()
            world.kill(killed)
            world.start()
            cases.true("another leads", until(world.leader, LEASE_SECONDS + 5))
            print(f"taken over from a killed leader after {time.monotonic() - begun:.1f} s")
            ticks.append(world.go_before_next_minute())
            cases.true("the tick fires", until(lambda: ticks[-1] in world.ticks(), 8))
        one_each("killed leaders", world, ticks)


def killed_while_expanding():
    """kill -9 again and again while a batch expands: exactly one scan for each of its domains."""
    domains, blows = 20000, 0
    random.seed(5)
    with World() as world:
        world.run_seed("domains", domains)
        world.run_seed("batch")
        expanding = "SELECT count(*) FROM batch WHERE state = 0"
        process = world.start()
        while world.number(expanding) and blows < 40:
            before = world.number("SELECT count(*) FROM scan")
            until(lambda: world.number("SELECT count(*) FROM scan") > before, 10)
            time.sleep(random.uniform(0, 0.1))
            if world.number(expanding):
                blows += 1
                world.kill(process)
                process = world.start()
        cases.true("it was killed in the middle", blows >= 1, f"{blows} blows")
        until(lambda: not world.number(expanding), 60)
        cases.same("every domain has a scan", domains, world.number(
            "SELECT count(*) FROM (SELECT DISTINCT batch, domain FROM scan WHERE batch IS NOT NULL)"))
        cases.same("and no second one", domains, world.number("SELECT count(*) FROM scan"))
        cases.same("the batch counted them", domains, world.number("SELECT total FROM batch"))
        cases.same("nothing is wrong with the store", "ok", world.number("PRAGMA integrity_check"))
        print(f"{blows} kills while {domains} scans were made")


def clock_jumps():
    """Forward and back, by hours, a day, and to 2038: no tick twice, and the next one fires."""
    jumps = [7200, -7200, 86400, -86400, 12 * 365 * 86400, -12 * 365 * 86400, 3600 * 5 + 17, -40]
    with World() as world:
        world.run_seed("domains", 3)
        world.run_seed("schedule", "nightly", "* * * * *", "America/New_York", "once")
        world.start()
        until(world.leader, 20)
        fired = [world.go_before_next_minute()]
        cases.true("the first tick fires", until(lambda: fired[-1] in world.ticks(), 8))
        for jump in jumps:
            world.set_offset(world.offset + jump)
            time.sleep(2)
            while True: # the next minute that has not fired yet
                minute = world.go_before_next_minute()
                if minute not in world.ticks():
                    break
                time.sleep(1.5)
            cases.true(f"after {jump:+} s the next tick fires",
                       until(lambda: minute in world.ticks(), 8))
            fired.append(minute)
        got = world.ticks()
        cases.same("no tick fires twice", {tick: 1 for tick in got}, got)
        cases.same("as many events", len(got), world.fired_events())
        cases.true("what was missed is made up for at most once a jump",
                   len(got) <= len(fired) + len(jumps), f"{len(got)} fires")


def missed_once():
    """Nobody was there for two days of minutes: one fire, the newest, when somebody is."""
    with World() as world:
        world.run_seed("domains", 3)
        world.run_seed("schedule", "nightly", "* * * * *", "UTC", "once")
        world.set_offset(world.offset + 2 * 86400)
        newest = int(world.now() // MINUTE * MINUTE)
        world.start()
        cases.true("it is made up for", until(world.ticks, 20))
        time.sleep(1.5)
        got = sorted(world.ticks())
        cases.true("once", got in ([newest], [newest, newest + MINUTE]), f"{got} {newest}")
        cases.same("and told", 1, world.number("SELECT count(*) FROM event WHERE type = 51"))


def dead_worker():
    """A worker that is killed gives back what it ran; one that hangs, after its lease."""
    running = "SELECT count(*) FROM scan WHERE state = 1"
    with World() as world:
        world.run_seed("domains", 30)
        world.run_seed("batch")
        worker = world.start_worker(4, 3)
        world.start()
        cases.true("the worker has work", worker.stdout.readline() == b"ready\n")
        cases.same("scans run", 3, world.number(running))
        cases.true("twice its capacity is on the bus, what runs included",
                   until(lambda: world.number("SELECT count(*) FROM job") == 8, 5),
                   world.number("SELECT count(*) FROM job"))
        # The clock does not make it dead.
        world.set_offset(world.offset + 86400)
        time.sleep(3)
        world.set_offset(world.offset - 86400)
        cases.same("a clock that jumps kills no worker", (3, 0), (
            world.number(running), world.number("SELECT count(*) FROM event WHERE type = 60")))
        begun = time.monotonic()
        world.kill(worker)
        cases.true("its scans wait again", until(lambda: not world.number(running), 10))
        print(f"given back after {time.monotonic() - begun:.1f} s")
        cases.same("and it is told", 1, world.number("SELECT count(*) FROM event WHERE type = 60"))
        cases.same("no message is held", 0,
                   world.number("SELECT count(*) FROM job WHERE lease_until IS NOT NULL"))


def is_idle():
    """With nothing to do it sleeps: a look a second and a lease to renew."""
    with World() as world:
        world.run_seed("domains", 1)
        process = world.start()
        until(world.leader, 20)
        time.sleep(2)

        def switches():
            for line in open(f"/proc/{process.pid}/status", encoding="ascii"):
                if line.startswith("voluntary_ctxt_switches"):
                    return int(line.split()[1])
        before = switches()
        time.sleep(5)
        cases.true("it sleeps when there is nothing to do", switches() - before < 200,
                   f"{switches() - before} context switches in 5 s")


def main():
    if not os.path.exists(FAKETIME):
        print(f"FAILED {FAKETIME} is missing: apt-get install faketime")
        print("0 passed, 1 failed")
        return 1
    parts = [three_fire_once, leader_sleeps, leader_is_killed, killed_while_expanding, clock_jumps,
             missed_once, dead_worker, is_idle]
    for part in parts:
        if len(sys.argv) < 3 or part.__name__ in sys.argv[2:]:
            begun = time.monotonic()
            part()
            print(f"{part.__name__}: {time.monotonic() - begun:.0f} s", flush=True)
    return cases.end()


sys.exit(main())
