# SPDX-License-Identifier: Apache-2.0
"""kill -9 at named points under load: worker, scanner, API, scheduler, everything."""
import os
import signal
import threading
import time

from ledger import percentile
from system import NoAnswer
from verdict import ends_ms, resumes_ms, running_at, settle

WORKER_POINTS = ("worker.received", "worker.taken", "worker.scanning", "worker.result",
                 "worker.before-store", "worker.after-store", "worker.before-ack", "worker.after-ack")
API_POINTS = ("api.before-commit", "api.after-commit")
STORE_POINTS = tuple(f"store.{when}-commit kill {role}" for role in ("worker", "api", "scheduler")
                     for when in ("before", "after"))


class Load(threading.Thread):
    """POSTs scans, one after another, so that there is always work in hand."""

    def __init__(self, system, ledger, names, pause_s=0.0):
        super().__init__(daemon=True)
        self.system, self.ledger, self.names, self.pause_s = system, ledger, list(names), pause_s
        self.is_stopped = False
        self.error = None

    def run(self):
        try:
            for name in self.names:
                if self.is_stopped:
                    return
                self.system.scan(self.ledger, name)
                time.sleep(self.pause_s)
        except Exception as error:  # noqa: BLE001: told to the drill
            self.error = error

    def stop(self):
        self.is_stopped = True
        self.join()
        if self.error:
            raise self.error


class Bursts:
    """A burst of POSTs for each round; names come again once all were used."""

    def __init__(self, world, size=80):
        self.world, self.size, self.at, self.load = world, size, 0, None

    def begin(self):
        names = [self.world.names[(self.at + i) % len(self.world.names)] for i in range(self.size)]
        self.at += self.size
        self.load = Load(self.world.system, self.world.ledger, names)
        self.load.start()

    def end(self):
        self.load.stop()


def open_scans(system):
    """What waits or runs now; nothing is known while the API is down."""
    try:
        return {scan["id"] for scan in system.scans("open")}
    except NoAnswer:
        return set()


def running(system):
    try:
        return {scan["id"] for scan in system.scans("running")}
    except NoAnswer:
        return set()


def wait_ended(system, scans, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until and open_scans(system) & scans:
        time.sleep(0.05)


def rounds_at(world, points, rounds, total, revive=None):
    """For each round: load, a point armed, the blow, and a look at how it goes on."""
    system, bursts, at_point = world.system, Bursts(world), {}
    for number in range(rounds):
        point = points[number % len(points)]
        if revive:
            revive()
        bursts.begin()
        time.sleep(0.05 * (number % 3))
        system.arm(point)
        killed_at = system.wait_fired()
        if killed_at is None:
            system.disarm()
            total.faults.append(f"{point}: nobody came by")
            bursts.end()
            continue
        world.system.wait_ready()
        if "api" in point:  # no scan is in its hands: it is back when it answers
            total.resumes_ms.append((time.time() - killed_at) * 1000)
        held, ran = open_scans(system), running_at(system, killed_at)
        total.add_round(max(len(held), 1))  # what the process was at when it died is work, too
        bursts.load.join()
        wait_ended(system, held, world.patience_s / 2)
        resumes = resumes_ms(system, ran, killed_at)
        total.resumes_ms += resumes
        at_point.setdefault(point, []).extend(resumes)
        bursts.end()
    total.notes += [f"{point}: {len(ms)} resumed, p50 {percentile(ms, 0.5):.0f}, most {max(ms):.0f} ms"
                    for point, ms in at_point.items() if ms]
    settle(world, total)


def worker(world, rounds, total):
    """Two workers: whichever gets to the point dies, and the other goes on."""
    second = ("worker",)

    def revive():
        process = world.system.processes.get(second)
        if not process or process.poll() is not None:
            world.system.start(*second, wait=False)

    revive()
    rounds_at(world, WORKER_POINTS, rounds, total, revive)


def api(world, rounds, total):
    rounds_at(world, API_POINTS, rounds, total)


def commit(world, rounds, total):
    rounds_at(world, STORE_POINTS, rounds, total)


def wait_running(system, seconds=10):
    """Scans that run, as soon as there are any."""
    until = time.monotonic() + seconds
    held = set()
    while not held and time.monotonic() < until:
        held = running(system)
    return held


def scanner(world, rounds, total):
    """The scanner dies by a signal: its scans are tried again alone, and only what two died of fails."""
    system, bursts = world.system, Bursts(world)
    for _ in range(rounds):
        bursts.begin()
        held, pids = wait_running(system), system.pids("scanner")
        killed_at = time.time()
        if pids:
            os.kill(pids[0], signal.SIGKILL)
        total.add_round(len(held) if pids else 0)
        bursts.end()
        wait_ended(system, held)
        total.resumes_ms += ends_ms(system, held, killed_at)
    scans = settle(world, total)
    failed = [scan for scan in scans.values() if scan["state"] == "failed"]
    if failed:
        total.faults.append(f"{len(failed)} scans failed: {failed[0].get('error')}")


def everything(world, rounds, total):
    """The whole of `dss serve` at once, as when the power goes."""
    system, bursts = world.system, Bursts(world)
    for _ in range(rounds):
        bursts.begin()
        held = wait_running(system)
        system.kill("serve")
        killed_at = time.time()
        system.start()
        total.add_round(len(held))
        bursts.end()
        wait_ended(system, held)
        total.resumes_ms += resumes_ms(system, running_at(system, killed_at), killed_at)
    settle(world, total)


def drain(world, rounds, total):
    """SIGTERM at full load: out within 25 s with 0, what is unfinished goes back, no 5xx but 503.
    Every other time a second SIGTERM: what runs goes back at once."""
    system, bursts = world.system, Bursts(world, size=200)
    for number in range(rounds):
        bursts.begin()
        held = wait_running(system)
        begun = time.monotonic()
        process = system.processes["serve",]
        process.send_signal(signal.SIGTERM)
        if number % 2:
            time.sleep(0.01)
        code = system.kill("serve", how=signal.SIGTERM) if number % 2 else system.wait("serve")
        took = time.monotonic() - begun
        if code or took > 25:
            total.faults.append(f"ended with {code} after {took:.1f} s")
        total.add_round(len(held))
        bursts.end()
        system.start()
    wrong = sorted({status for status in world.ledger.refused.values() if status >= 500 and status != 503})
    if wrong:
        total.faults.append(f"answered {wrong}")
    settle(world, total)
