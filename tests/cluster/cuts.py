# SPDX-License-Identifier: Apache-2.0
"""Blows that kill nobody: cut wires, a broker that takes nothing, messages that come twice or mean nothing, a process
that dies between publish and mark, another release beside this one.

Every process reaches the database and the broker at an address of its own, all of them on loopback: so nftables, in
the namespace that the test runs in, cuts one process from one server and no other. Nothing is refused or reset, what
is sent is gone: to both sides the connection is half open until one of them gives up."""
import os
import subprocess
import time

from machines import address, with_work

LONG_S = 20  # longer than a lease
SHORT_S = 8
BACK_S = 60  # until all of it works again


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


class Cut:
    """with Cut(cluster, [("worker", 0)], "database"): nothing passes; is_deaf: only answers are lost."""

    def __init__(self, cluster, who, server, is_deaf=False):
        port = 5432 if server == "database" else cluster.broker_port
        rules = []
        for role, i in who:
            if not is_deaf:
                rules.append(f"ip daddr {address(role, i)} tcp dport {port} drop")
            rules.append(f"ip saddr {address(role, i)} tcp sport {port} drop")
        self.rules = "\n".join(rules)

    def __enter__(self):
        nft(f"table inet dss_cut {{\nchain out {{\ntype filter hook output priority 0\n{self.rules}\n}}\n}}\n")

    def __exit__(self, *_):
        nft("delete table inet dss_cut\n")


def cut(who, server, seconds, is_deaf=False):
    def blow(cluster):
        in_hand = with_work(cluster.unacked if ("worker", 0) in who else cluster.transactions)
        with Cut(cluster, who, server, is_deaf):
            time.sleep(seconds)
        return in_hand
    return blow


ALL = [("api", 0), ("api", 1), ("scheduler", 0), ("scheduler", 1), ("worker", 0), ("worker", 1), ("worker", 2)]


def alarm(cluster):
    """The broker has no memory left: who publishes is blocked, who consumes is not."""
    in_hand = with_work(cluster.unacked)
    cluster.broker.alarm(True)
    time.sleep(SHORT_S)
    cluster.broker.alarm(False)
    return in_hand


def put_messages(cluster, messages):
    """On the broker, by the scheduler: as dead letters that somebody revived."""
    rows = ", ".join(f"({queue}, convert_to('{text}', 'UTF8'), 0, 0)" for queue, text in messages)
    cluster.database.sql(f"INSERT INTO job (queue, message, available_at, enqueued_at) VALUES {rows}")


def duplicates(cluster):
    """Each scan that is on the broker or runs gets a second message, as a publisher makes it that heard no confirm."""
    ids = []

    def waiting():
        ids[:] = [scan["id"] for scan in cluster.all("/scans?state=open")][:50]
        return cluster.unacked() and len(ids)

    in_hand = with_work(waiting)
    put_messages(cluster, [(2, '{"v":1,"scan":"%s"}' % scan) for scan in ids])
    return in_hand


def poison(cluster):
    """What no worker can read: to the dead letters, and everything else goes on."""
    in_hand = with_work(cluster.unacked)
    put_messages(cluster, [(0, "no JSON"), (2, '{"v":1,"scan":"scn_none"}')])
    cluster.poisoned += 2
    return in_hand


def die_at(point):
    """The scheduler that leads dies there. What counts: scans that the store does not know as published, and, once they
    were confirmed, messages that the broker has."""
    def blow(cluster):
        with open(cluster.fault + ".new", "w", encoding="ascii") as file:
            file.write(point)
        os.rename(cluster.fault + ".new", cluster.fault)
        until, died = time.monotonic() + BACK_S, None
        while died is None and time.monotonic() < until:
            died = next((i for i in range(cluster.SCHEDULERS)
                         if cluster.machines[i].processes["scheduler"].poll() is not None), None)
            time.sleep(0.01)
        if died is None:
            os.unlink(cluster.fault)
            return 0
        known = int(cluster.database.sql("SELECT count(*) FROM scan WHERE published_at IS NOT NULL"))
        there = sum(sum(queue) for name, queue in cluster.broker.queues().items() if name.startswith("dss.scan."))
        waiting = int(cluster.database.sql("SELECT count(*) FROM scan WHERE published_at IS NULL AND state = 0"))
        cluster.machines[died].processes.pop("scheduler")
        cluster.start("scheduler", died)
        print(f"# at {point}: {there} on the broker, {known} known as published, {waiting} not", flush=True)
        return min(there, waiting) if point == "scheduler.confirmed" else waiting
    return blow


# -- releases beside each other --

def roll_old(cluster):
    """Processes of the release before this one take places, and give them back."""
    in_hand = with_work(cluster.unacked)
    for role, i in (("worker", 0), ("scheduler", 0), ("api", 1)):
        cluster.machines[i].end(role)
        cluster.start(role, i, dss=cluster.old)
    cluster.wait_api(1)
    time.sleep(SHORT_S)
    in_hand = max(in_hand, with_work(cluster.unacked))
    for role, i in (("worker", 0), ("scheduler", 0), ("api", 1)):
        code = cluster.machines[i].end(role)
        if code:
            raise RuntimeError(f"the older {role}: exit {code}: {cluster.machines[i].log(role)[-2000:]}")
        cluster.start(role, i)
    cluster.wait_api(1)
    return in_hand


NEXT = ("INSERT INTO schema_version (number, name, hash, works_from) SELECT max(number) + 1, 'of the next release', "
        "repeat('0', 64), {from_} FROM schema_version")


def migrate_ahead(cluster):
    """The next release has migrated: first so that this one can work on it, then so that it cannot."""
    in_hand = with_work(cluster.unacked)
    newest = int(cluster.database.sql("SELECT max(number) FROM schema_version"))
    cluster.database.sql("BEGIN; ALTER TABLE scan ADD COLUMN of_the_next_release text; "
                         + NEXT.format(from_=newest) + "; COMMIT")
    cluster.machines[1].end("worker")
    cluster.start("worker", 1)
    time.sleep(2)
    if cluster.machines[1].processes["worker"].poll() is not None:
        raise RuntimeError("a worker refuses a schema that it could work on: " + cluster.machines[1].log("worker")[-2000:])
    cluster.database.sql(NEXT.format(from_=newest + 2))
    cluster.machines[2].end("worker")
    process = cluster.start("worker", 2)
    code = process.wait(BACK_S)
    said = cluster.machines[2].log("worker")
    if code == 0 or "was made by a newer release" not in said[-2000:]:
        raise RuntimeError(f"a worker on a schema it cannot know: exit {code}: {said[-2000:]}")
    cluster.database.sql(f"DELETE FROM schema_version WHERE number > {newest + 1}")
    cluster.machines[2].processes.pop("worker")
    cluster.start("worker", 2)
    return max(in_hand, with_work(cluster.unacked))


CUTS = (("worker cut from the broker", cut([("worker", 0)], "broker", LONG_S)),
        ("worker cut from the database", cut([("worker", 0)], "database", LONG_S)),
        ("schedulers cut from the broker", cut([("scheduler", 0), ("scheduler", 1)], "broker", SHORT_S)),
        ("scheduler cut from the database", cut([("scheduler", 0)], "database", LONG_S)),
        ("api cut from the database", cut([("api", 0)], "database", SHORT_S)),
        ("all cut from the broker", cut(ALL, "broker", SHORT_S)),
        ("all cut from the database", cut(ALL, "database", SHORT_S)),
        ("worker deaf to both", cut([("worker", 0)], "database", SHORT_S, is_deaf=True)))
MESSAGES = (("memory alarm", alarm), ("duplicates", duplicates), ("poison", poison))
POINTS = (("dies while it publishes", die_at("scheduler.published")),
          ("dies after the confirm", die_at("scheduler.confirmed")))
RELEASES = (("release before", roll_old), ("release after", migrate_ahead))
