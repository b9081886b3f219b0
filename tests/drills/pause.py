# SPDX-License-Identifier: Apache-2.0
"""SIGSTOP for longer than the lease, then SIGCONT: who wakes up late must change nothing."""
import fcntl
import os
import signal
import struct
import time

from kill import Bursts
from schedule import check_ticks, fast_schedule
from verdict import resumes_ms, running_at, settle

LEASE_S = 15
F_OFD_GETLK = 36  # Linux, fcntl.h


def worker(world, rounds, total):
    """Three workers. Two fall asleep with results in their hands: their scans run in the third. Then they
    wake up and write. Every other time no scheduler is there: workers look after each other."""
    system, bursts = world.system, Bursts(world, size=120)
    system.start("api")
    system.start("scheduler", wait=False)
    workers = []
    for number in range(0, rounds, 2):
        workers = [process for process in workers if process.poll() is None]
        workers += [system.start("worker", wait=False) for _ in range(3 - len(workers))]
        wait_workers(system, 3)
        bursts.begin()
        stopped_at = [fall_asleep(system, workers) for _ in range(2)]
        if None in stopped_at:
            total.faults.append("no worker came to store")
        bursts.load.join()
        asleep = stopped([process.pid for process in workers])
        if number % 4:
            system.kill("scheduler")
        time.sleep(2)  # what the third had in its hands is over
        time.sleep(2 * LEASE_S - 2)
        stop_s = stopped_at[-1] or time.time()
        resumes = resumes_ms(system, running_at(system, stop_s), stop_s)  # of what the two had in their hands
        for _ in asleep:
            total.add_round(len(resumes))
        total.resumes_ms += resumes
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        for process in workers:
            if process.pid not in asleep:
                continue
            if process.wait(timeout=LEASE_S + 5) != 5:
                total.faults.append(f"a worker that was given up ended with {process.returncode}, not 5")
            if system.processes.get(("worker",)) is process:
                del system.processes["worker",]  # this end was wanted
        bursts.end()
        if number % 4:
            system.start("scheduler", wait=False)
    settle(world, total)


def is_writing(system):
    """Does somebody hold the turn to write, and not let it go?"""
    for name in ("queue", "turn"):
        with open(os.path.join(system.data, name), "r+b") as file:
            for _ in range(20):
                lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
                if struct.unpack("hhqqi4x", fcntl.fcntl(file, F_OFD_GETLK, lock))[0] == fcntl.F_UNLCK:
                    break
                time.sleep(0.02)
            else:
                return True
    return False


def fall_asleep(system, workers):
    """One more worker stops with results in its hands. Who stops amid a commit of another of its threads stops
    all writers: no lease helps there. It is let on, and another time is found."""
    for _ in range(20):
        awake = [process.pid for process in workers]
        awake = set(awake) - set(stopped(awake))
        system.arm("worker.before-store stop")
        at = system.wait_fired(30)
        if at is None:
            system.disarm()
            return None
        wait_stopped(awake)
        if not is_writing(system):
            return at
        for pid in set(stopped(awake)):
            os.kill(pid, signal.SIGCONT)
    return None


def wait_stopped(pids):
    """Until one of them stands still with all its threads: before that one of these may yet begin to write."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        for pid in stopped(pids):
            states = [task_state(pid, task) for task in os.listdir(f"/proc/{pid}/task")]
            if set(states) == {"T"}:
                return
        time.sleep(0.01)


def task_state(pid, task):
    with open(f"/proc/{pid}/task/{task}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def wait_workers(system, count):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if len(system.request("GET", "/queue")[1]["workers"]) >= count:
            return
        time.sleep(0.1)
    raise RuntimeError(f"no {count} workers")


def stopped(pids):
    """Of these, those that a signal has stopped."""
    found = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "T":
                    found.append(pid)
        except OSError:
            pass
    return found


def writer(world, rounds, total):
    """A role falls asleep amid a commit: nobody else can write, until `dss serve` ends it."""
    system, bursts = world.system, Bursts(world)
    for number in range(rounds):
        role = ("worker", "scheduler", "api")[number % 3]
        bursts.begin()
        time.sleep(0.1)
        system.arm(f"store.before-commit stop {role}")
        stopped_at = system.wait_fired(30)
        if stopped_at is None:
            system.disarm()
            total.faults.append(f"{role}: nobody came by")
            bursts.end()
            continue
        total.add_round(1)  # the transaction in its hands
        until = time.monotonic() + world.patience_s
        while not system.scan(world.ledger, world.names[-1 - number]):
            if time.monotonic() > until:
                total.faults.append(f"{role}: nobody could write for {world.patience_s} s")
                break
            time.sleep(0.1)
        else:
            total.resumes_ms.append((time.time() - stopped_at) * 1000)
        bursts.end()
        for pid in stopped(system.pids(role)):  # nobody has ended it: a control
            os.kill(pid, signal.SIGCONT)
        system.wait_ready()
    wrong = sorted({status for status in world.ledger.refused.values() if status != 503})
    if wrong:
        total.faults.append(f"answered {wrong}")
    settle(world, total)


def leader(world, rounds, total):
    """Three schedulers. The leader falls asleep with a tick in its hands, and so does the next one; the
    third fires it; the two wake up."""
    system = world.system
    system.start("api")
    system.start("worker", wait=False)
    schedulers = [system.start("scheduler", wait=False) for _ in range(3)]
    fast_schedule(system, world.names[:50])
    while total.rounds + total.idle_rounds < rounds:
        for _ in range(2):
            system.arm("scheduler.before-fire stop")
            if system.wait_fired(70) is None:
                total.faults.append("no leader came to fire")
                system.disarm()
        asleep = stopped([process.pid for process in schedulers])
        for _ in asleep or [0]:
            total.add_round(len(asleep))
        time.sleep(LEASE_S + 3)  # the third leads by now, and has fired the tick
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        time.sleep(5)
        if not asleep:
            break
    check_ticks(world, total, 50)
