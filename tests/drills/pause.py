# SPDX-License-Identifier: Apache-2.0
"""SIGSTOP for longer than the lease, then SIGCONT: who wakes up late must change nothing."""
import os
import signal
import time

from kill import Load, running
from schedule import check_ticks, fast_schedule
from verdict import resumes_ms, settle

LEASE_S = 15


def worker(world, rounds, total):
    system, ledger = world.system, world.ledger
    system.stop()
    for role in (("api",), ("scheduler",), ("worker",)):
        system.start(*role, wait=role == ("api",))
    load = Load(system, ledger, world.names * 10, pause_s=0.02)
    load.start()
    time.sleep(1)
    for _ in range(rounds):
        pids, held = system.pids("worker") + system.pids("scanner"), running(system)
        stopped_at = time.time()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        total.add_round(len(held))
        second = system.start("worker", wait=False)
        time.sleep(LEASE_S + 3)
        total.resumes_ms += resumes_ms(system, held, stopped_at)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        time.sleep(2)
        second.terminate()
        second.wait(timeout=60)
        system.processes.pop(("worker",), None)
        for pid in pids[:1]:
            os.kill(pid, signal.SIGTERM)
        time.sleep(1)
        system.start("worker", wait=False)
    load.stop()
    settle(world, total)


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


def leader(world, rounds, total):
    """Three schedulers; the leader falls asleep with a tick in its hands, another fires it, it wakes."""
    system = world.system
    system.start("api")
    system.start("worker", wait=False)
    schedulers = [system.start("scheduler", wait=False) for _ in range(3)]
    fast_schedule(system, world.names[:50])
    for _ in range(rounds):
        system.arm("scheduler.before-fire stop")
        if system.wait_fired(70) is None:
            total.faults.append("no leader came to fire")
            break
        asleep = stopped([process.pid for process in schedulers])
        total.add_round(len(asleep))
        time.sleep(LEASE_S + 10)  # another leads by now, and has fired the tick
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        time.sleep(5)
    for process in schedulers:
        process.terminate()
        process.wait(timeout=60)
    system.processes.pop(("scheduler",), None)
    check_ticks(world, total, 50)
