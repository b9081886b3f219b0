#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every scan that was promised ended, and ended once, whatever is killed? cluster.py BUILD [SCANS] [SET…]

Two APIs, two schedulers and three workers on three machines' data folders, over a real PostgreSQL and a real
RabbitMQ, in the fake internet. Batches are asked for with an Idempotency-Key, each written to a ledger outside
DSS before it is asked for and when it was answered; meanwhile the broker, the database, workers, schedulers and
APIs are killed with SIGKILL, one after the other. A blow counts only with work in hand: messages that the broker
calls unacknowledged, or transactions that the database calls open, read right before it.

SET: kills (without any), cuts, half-open, messages, points (a build with faults), releases (cuts.py).
DSS_CLUSTER_ROUNDS: blows; DSS_CLUSTER_OLD: the dss of the release before, for releases; DSS_CLUSTER_OFF: guarantees that are
off (a build with faults): then the ledger must not be clean, or this has failed; DSS_CLUSTER_LOG: log level; DSS_CLUSTER_KEEP: a folder for logs and ledger.

In the end the store is asked: each batch that was accepted is there once, with one scan for each of its domains,
all of them final; no scan has two ends among the events.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from machines import Cluster, FINAL, NoAnswer, with_work
import counted
import cuts
from counted import check

OFF = os.environ.get("DSS_CLUSTER_OFF")
BATCH, AHEAD, SETTLE_S, LEFT_S, PAUSE_S = 100, 3, 600, 5 if OFF else 60, 2
STILL_S = 45  # a control is not to settle: it is over when nothing has ended for so long
ENDS = tuple(f"dev.dss.scan.{end}.v1" for end in ("completed", "incomplete", "failed", "cancelled"))

class Load(threading.Thread):
    """Batches, one after the other, until each has its answer: as many scans as were asked for, and more as long
    as there are blows to come. At most AHEAD batches are in work at a time."""

    def __init__(self, cluster, names, scans, path):
        super().__init__(daemon=True)
        self.cluster, self.names, self.scans = cluster, names, scans
        self.ledger = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.accepted = {}  # batch: its names
        self.over = set()  # batches that have ended
        self.is_wanted = True
        self.error = None

    def note(self, *words):
        os.write(self.ledger, (" ".join(words) + "\n").encode())
        os.fsync(self.ledger)

    def run(self):
        try:
            at = 0
            while at < self.scans or self.is_wanted:
                if at - ended(self.cluster, self) > AHEAD * BATCH:
                    time.sleep(0.5)
                    continue
                names = [self.names[i % len(self.names)] for i in range(at, at + BATCH)]
                key = uuid.uuid4().hex
                self.note("attempt", key, str(len(names)))
                status, body = self.cluster.patient("POST", "/batches", {"names": names, "profile": "quick"},
                                                    {"Idempotency-Key": key}, seconds=300)
                if status != 202:
                    raise RuntimeError(f"POST /batches: {status} {body}")
                self.note("accepted", key, body["id"])
                self.accepted[body["id"]] = names
                at += BATCH
            self.scans = at
        except Exception as error:  # noqa: BLE001: told in the end
            self.error = error


# -- blows: each returns how much was in hand --

def kill_broker(cluster):
    in_hand = with_work(cluster.unacked)
    cluster.broker.kill()
    time.sleep(random.uniform(0, 2))
    cluster.broker.start()
    return in_hand


def kill_backend(cluster):
    """One that is in a transaction; the server ends all the others then."""
    for _ in range(200):
        row = cluster.database.sql("SELECT pid FROM pg_stat_activity WHERE datname = 'dss' AND pid <> pg_backend_pid() "
                                   "AND backend_xid IS NOT NULL LIMIT 1")
        if row:
            in_hand = max(cluster.transactions(), 1)
            try:
                os.kill(int(row), signal.SIGKILL)
                return in_hand
            except ProcessLookupError:
                pass
        time.sleep(0.02)
    return 0


def kill_database(cluster):
    in_hand = with_work(cluster.transactions)
    os.kill(cluster.database.pid(), signal.SIGKILL)
    cluster.database.process.wait()
    time.sleep(random.uniform(0, 2))
    cluster.database.start()
    return in_hand


def kill_role(role, count):
    def blow(cluster):
        i = random.randrange(count)
        in_hand = with_work(cluster.unacked if role == "worker" else cluster.transactions)
        cluster.machines[i].kill(role)
        cluster.start(role, i)
        return in_hand
    return blow


def roll_workers(cluster):
    """As an update does: one after the other ends by itself, and a new one comes."""
    in_hand = with_work(cluster.unacked)
    for i in range(cluster.WORKERS):
        code = cluster.machines[i].end("worker")
        check("a worker ends well when it is asked to", code == 0, (code, cluster.machines[i].log("worker")[-2000:]))
        cluster.start("worker", i)
    return in_hand


BLOWS = (("worker", kill_role("worker", Cluster.WORKERS)), ("broker", kill_broker),
         ("backend", kill_backend), ("scheduler", kill_role("scheduler", Cluster.SCHEDULERS)),
         ("database", kill_database), ("api", kill_role("api", Cluster.APIS)), ("workers rolled", roll_workers))


def ended(cluster, load):
    """How many of the scans of accepted batches have ended."""
    total = 0
    for batch, names in list(load.accepted.items()):
        if batch not in load.over:
            status, body = cluster.patient("GET", f"/batches/{batch}")
            count = sum(body.get(state, 0) for state in FINAL) if status == 200 else 0
            total += min(count, len(names))  # more: some have ended twice
            if count >= len(names):
                load.over.add(batch)
        else:
            total += len(names)
    return total


SETS = {"kills": BLOWS, "cuts": cuts.CUTS, "messages": cuts.MESSAGES, "points": cuts.POINTS,
        "releases": cuts.RELEASES, "half-open": cuts.HALF_OPEN}


def strike(cluster, load, blows, rounds):
    """The blows by turns, as long as there is work."""
    struck, idle = {}, 0
    for number in range(rounds):
        time.sleep(PAUSE_S)
        name, blow = blows[number % len(blows)]
        begun = time.monotonic()
        in_hand = blow(cluster)
        cluster.revive()
        if in_hand:
            struck.setdefault(name, []).append(in_hand)
        else:
            idle += 1
        print(f"# {name}: {in_hand} in hand, {time.monotonic() - begun:.0f} s", flush=True)
    load.is_wanted = False
    for name, hands in struck.items():
        print(f"# {name}: {len(hands)} blows, in hand {min(hands)} to {max(hands)}", flush=True)
    print(f"# blows without work in hand, which do not count: {idle}", flush=True)
    return struck


def settle(cluster, load):
    now = moved = time.monotonic()
    until, before = now + SETTLE_S, -1
    while now < until and not (OFF and now > moved + STILL_S):
        cluster.revive()
        count = ended(cluster, load)
        if not load.is_alive() and (load.error or (count >= load.scans and not OFF)):
            return
        if count != before:
            moved, before = now, count
        time.sleep(1)
        now = time.monotonic()


def judge(cluster, load):
    check("all batches were asked for", not load.error, load.error)
    there = {batch["id"]: batch for batch in cluster.all("/batches")}
    check("no batch is lost", set(load.accepted) <= set(there), set(load.accepted) - set(there))
    check("no batch is there twice", set(there) == set(load.accepted), set(there) - set(load.accepted))
    lost = doubled = 0
    states = {}
    for batch, names in load.accepted.items():
        scans = cluster.all(f"/scans?batch={batch}")
        got = [scan["domain"] for scan in scans]
        lost += sum(name not in got for name in names) + sum(scan["state"] not in FINAL for scan in scans)
        doubled += len(got) - len(set(got))
        for scan in scans:
            states[scan["state"]] = states.get(scan["state"], 0) + 1
            if scan["state"] in ("failed", "cancelled"):
                print(f"# {scan['domain']} {scan['state']}: {scan.get('error')}", flush=True)
    check("lost 0", lost == 0, f"{lost} scans are not there or have not ended: {states}")
    check("doubled 0", doubled == 0, f"{doubled} domains have more than one scan in a batch")
    check("every scan judged", set(states) <= {"done", "incomplete"}, states)
    ends = {}
    after = 0
    while True:
        status, page = cluster.patient("GET", f"/events?after={after}&limit=1000")
        if status != 200 or not page["items"]:
            break
        for event in page["items"]:
            if event["type"] in ENDS:
                ends[event["data"]["scan"]] = ends.get(event["data"]["scan"], 0) + 1
        after = page["items"][-1]["sequence"]
    check("each scan has one end among the events", len(ends) == load.scans and set(ends.values()) == {1},
          (len(ends), sorted(ends.values())[-3:]))
    wrong = lost + doubled + sum(count - 1 for count in ends.values()) + load.scans - len(ends)
    until = time.monotonic() + LEFT_S
    while any(sum(n) for n in cluster.broker.queues().values()) and time.monotonic() < until:
        time.sleep(1)
    left = cluster.broker.queues()
    check("nothing is left on the broker", all(sum(n) == 0 for n in left.values()), left)
    until = time.monotonic() + LEFT_S
    while cluster.dead() != cluster.poisoned and time.monotonic() < until:
        time.sleep(1)
    check("the dead letters are those that were poison", cluster.dead() == cluster.poisoned,
          (cluster.dead(), cluster.poisoned))
    print(f"# processes that were given up and began again: {cluster.revived}", flush=True)
    if OFF:
        print(f"# control, without {OFF}: {wrong} wrong in the ledger", flush=True)
    check("who is half open goes elsewhere within a lease", cluster.slow == 0, f"{cluster.slow} connections")
    wrong += cluster.unrefused
    print(f"# scans {load.scans}, batches {len(load.accepted)}, states {states}, lost {lost}, doubled {doubled}", flush=True)
    return wrong


def main():
    build, scans = os.path.realpath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 600
    blows = [blow for name in sys.argv[3:] or ["kills"] for blow in SETS[name]]
    rounds = int(os.environ.get("DSS_CLUSTER_ROUNDS", str(len(blows))))
    names = Path(os.environ["DSS_INTERNET_RUN"], "scenario", "domains").read_text().split()
    with tempfile.TemporaryDirectory(prefix="dss-cluster.") as folder, Cluster(build, folder) as cluster:
        begun = time.monotonic()
        rows = "\n".join(names).encode() + b"\n"
        status, answer = cluster.request("POST", "/domains/import", rows, {"Content-Type": "text/plain", "Accept": "application/x-ndjson"}, timeout=300)
        check("the domains are there", status == 200, answer)
        load = Load(cluster, names, scans, os.path.join(folder, "ledger"))
        load.start()
        struck = strike(cluster, load, blows, rounds)
        settle(cluster, load)
        for name, _ in blows[:rounds]:
            check(f"a blow that counts: {name}", name in struck)
        wrong = 0
        try:
            wrong = judge(cluster, load)
        except (NoAnswer, RuntimeError) as error:
            check("the store can be asked", False, error)
        badly = cluster.stop()
        check("all end well", not badly, "\n".join(badly))
        keep = os.environ.get("DSS_CLUSTER_KEEP")
        if keep:
            subprocess.run(["cp", "-r", folder, keep], check=True)
        if counted.failed and not keep:
            for machine in cluster.machines:
                for role in ("api", "scheduler", "worker"):
                    if os.path.exists(os.path.join(machine.folder, "log." + role)):
                        print(f"--- {machine.name} {role}\n" + machine.log(role)[-1500:], flush=True)
        print(f"# {time.monotonic() - begun:.0f} s", flush=True)
    if OFF:
        return 0 if wrong else 1  # what the guarantee is for has happened
    return counted.end()


if __name__ == "__main__":
    sys.exit(main())
