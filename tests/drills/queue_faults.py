# SPDX-License-Identifier: Apache-2.0
"""What a queue may do wrong: deliver twice, out of order, bytes that are no message, work that kills."""
import os
import random
import sqlite3
import time

from verdict import settle, wait_settled

COPIES = 2


def store(system):
    return sqlite3.connect(os.path.join(system.data, "dss.db"), timeout=30, isolation_level=None)


def duplicates(world, rounds, total):
    """Each message is there three times, in any order: one result each."""
    system, ledger = world.system, world.ledger
    names = iter(world.names)
    for _ in range(rounds):
        for _ in range(100):
            system.scan(ledger, next(names))
        with store(system) as db:
            added = 0
            for _ in range(50):
                added += db.execute(
                    "INSERT INTO job (queue, message, available_at, enqueued_at) SELECT queue, message,"
                    " available_at + abs(random() % 1000000), enqueued_at FROM job"
                    " WHERE dead_at IS NULL ORDER BY random() LIMIT ?", (100 * COPIES,)).rowcount
                time.sleep(0.02)
        total.add_round(added)
        wait_settled(system, 60)
    settle(world, total)


def poison(world, rounds, total):
    """Some scans kill their scanner. They end failed, with the reason; the others go on."""
    system, ledger = world.system, world.ledger
    names, bad = iter(world.names), set()
    for number in range(rounds):
        for index in range(60):
            name = next(names)
            if index % 12 == 5:
                name = f"poison-{number}-{index}.com"
            scan = system.scan(ledger, name)
            if name.startswith("poison") and scan:
                bad.add(scan)
        total.add_round(len(bad))
        wait_settled(system, 90)
    scans = settle(world, total)
    for scan in bad:
        if scans[scan]["state"] != "failed" or not scans[scan].get("error"):
            total.faults.append(f"{scan}: poison, and ended {scans[scan]['state']}")
    for scan, row in scans.items():
        if scan not in bad and row["state"] == "failed":
            total.faults.append(f"{scan}: a neighbour of poison, and failed: {row.get('error')}")


def malformed(world, rounds, total):
    """Bytes that are no message go to the dead letters, and nobody falls."""
    system, ledger = world.system, world.ledger
    pick, names, sent = random.Random(1), iter(world.names), 0
    for _ in range(rounds):
        bodies = [b"", b"{", b"[]", b'{"v":2,"scan":"scn_0"}', b'{"v":1}', b'{"v":1,"scan":"dom_x"}', b"\0" * 100,
                  b'{"v":1,"scan":"scn_00000000000000000000000000"}', b"[" * 50000, b'{"v":1,"scan":"' + b"a" * 60000 + b'"}']
        bodies += [bytes(pick.randrange(256) for _ in range(pick.randrange(200))) for _ in range(90)]
        with store(system) as db:
            for body in bodies:
                db.execute("INSERT INTO job (queue, message, available_at, enqueued_at) VALUES (1, ?, ?, ?)",
                           (body, int(time.time() * 1e6), int(time.time() * 1e6)))
        for _ in range(30):
            system.scan(ledger, next(names))
        total.add_round(len(bodies))
        sent += len(bodies) - 1  # one is a message, of a scan that is not there: it is acked
        wait_settled(system, 60)
    settle(world, total)
    with store(system) as db:
        dead = db.execute("SELECT count(*), count(reason) FROM job WHERE dead_at IS NOT NULL").fetchone()
        left = db.execute("SELECT count(*) FROM job WHERE dead_at IS NULL").fetchone()[0]
    if left or dead != (sent, sent):
        total.faults.append(f"{sent} sent, {left} still there, {dead[0]} dead, {dead[1]} of them with a reason")
