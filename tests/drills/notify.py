# SPDX-License-Identifier: Apache-2.0
"""A notifier is killed in the middle of deliveries: each event arrives, and a repeat has the id of the first.

What was promised are the events of the domains that were added; what came is counted at the receiver, by the ids
that it was given. A round counts only if deliveries were `sending` in the store when the notifier died.
"""
import json
import os
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "services"))
from receiver import Receiver  # noqa: E402
from system import NoAnswer  # noqa: E402

# Where it dies: told to send and not begun; under way at the receiver; answered and not settled.
BLOWS = ("notifier.before-send stop notifier", "held", "notifier.before-settle stop notifier")
EVENTS, WAIT_S = 12, 20
RULE = {"name": "drill", "to": ["drill"], "events": "domain.created", "digest_s": 0}


def ask(system, method, path, body=None):
    until = time.monotonic() + WAIT_S
    while True:
        try:
            status, answer, _ = system.request(method, path, body)
            if status < 500:
                return status, answer
        except NoAnswer:
            pass
        if time.monotonic() > until:
            raise RuntimeError(f"{method} {path}: no answer")
        time.sleep(0.1)


def counted(system, query):
    """What the store says, read past DSS."""
    store = sqlite3.connect(f"file:{system.data}/dss.db?mode=ro", uri=True, timeout=10)
    try:
        return store.execute(query).fetchone()[0]
    finally:
        store.close()


def wait_until(condition, seconds=WAIT_S):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


def notifier_of(system):
    """The notifier that this system's dss serve started."""
    serve = system.processes[("serve",)].pid
    for pid in system.pids("notifier"):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) == serve:
                    return pid
        except OSError:
            continue
    return None


def is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False


def blow(world, receiver, how):
    """Brings the notifier to the place and kills it there; how many deliveries were being sent, or None."""
    system = world.system
    if how == "held":
        pid, before = notifier_of(system), len(receiver.got)
        receiver.hold.clear()
        add_domains(world)
        is_there = wait_until(lambda: len(receiver.got) > before)
    else:
        pid = notifier_of(system)
        system.arm(how)
        add_domains(world)
        is_there = system.wait_fired() is not None and wait_until(lambda: is_stopped(pid))
    if not is_there or not pid:
        system.disarm()
        receiver.hold.set()
        return None
    sending = counted(system, "SELECT count(*) FROM delivery WHERE state = 2")
    os.kill(pid, signal.SIGKILL)
    receiver.hold.set()
    return sending


def add_domains(world):
    for _ in range(EVENTS):
        world.added += 1
        name = f"n{world.added}.drill.example"
        key = f"domain-{world.added}"
        world.ledger.attempt(key, name)
        status, answer = ask(world.system, "POST", "/domains", {"name": name})
        if status == 201:
            world.ledger.accept(key, name)


def messages(receiver):
    """Event id: the ids of the messages that told it; and its domain."""
    told, names = {}, {}
    for message in list(receiver.got):
        for event in json.loads(message["body"])["data"]["events"]:
            told.setdefault(event["id"], []).append(message["headers"]["webhook-id"])
            names[event["id"]] = event["domain"]
    return told, names


def settle(world, receiver, total):
    wait_until(lambda: counted(world.system, "SELECT count(*) FROM delivery WHERE state < 3") == 0, world.patience_s)
    told, names = messages(receiver)
    promised = set(world.ledger.accepted.values())
    total.attempts += len(world.ledger.attempts)
    total.accepted += len(promised)
    total.done += len(set(names.values()) & promised)
    total.lost += len(promised - set(names.values()))
    total.unexpected += len(set(names.values()) - set(world.ledger.attempts.values()))
    total.doubled += sum(len(set(ids)) - 1 for ids in told.values())
    repeats = sum(len(ids) - len(set(ids)) for ids in told.values())
    total.notes.append(f"{repeats} messages came again, with the id that they had")


def kill_notifier(world, rounds, total):
    system, world.added = world.system, 0
    system.environment["DSS_NOTIFY_ALLOW_NETWORKS"] = "127.0.0.0/8"
    system.start()
    with Receiver() as receiver:
        ask(system, "POST", "/channels", {"name": "drill", "kind": "webhook", "url": receiver.url + "/"})
        ask(system, "POST", "/rules", RULE)
        for number in range(rounds):
            how = BLOWS[number % len(BLOWS)]
            wait_until(lambda: notifier_of(system) is not None)
            before = len(receiver.got)
            sending = blow(world, receiver, how)
            if sending is None:
                total.faults.append(f"{how}: nobody came by")
                continue
            began = time.monotonic()
            total.add_round(sending)
            if wait_until(lambda: len(receiver.got) > before + (how == "held"), 60):
                total.resumes_ms.append((time.monotonic() - began) * 1000)
            wait_until(lambda: counted(system, "SELECT count(*) FROM delivery WHERE state < 3") == 0)
        settle(world, receiver, total)
