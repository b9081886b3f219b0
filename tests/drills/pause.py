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


def leader(world, rounds, total):
    """Three schedulers, one schedule a minute; the leader sleeps past its lease and wakes."""
    system = world.system
    system.start("api")
    system.start("worker", wait=False)
    schedulers = [system.start("scheduler", wait=False)]
    for number in (2, 3):
        schedulers.append(system.start("scheduler", wait=False))
    fast_schedule(system, world.names[:50])
    for _ in range(rounds):
        for process in schedulers[:1]:
            os.kill(process.pid, signal.SIGSTOP)
        total.add_round(1)
        time.sleep(65)
        for process in schedulers[:1]:
            os.kill(process.pid, signal.SIGCONT)
        time.sleep(5)
        schedulers.append(schedulers.pop(0))
    for process in schedulers:
        process.terminate()
        process.wait(timeout=60)
    system.processes.pop(("scheduler",), None)
    check_ticks(world, total, 50)
