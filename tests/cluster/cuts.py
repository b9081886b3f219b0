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

OFF = os.environ.get("DSS_CLUSTER_OFF", "").split(",")
LONG_S = 20  # longer than a lease
SHORT_S = 8
BACK_S = 60  # until all of it works again


def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)


class Cut:
    """with Cut(cluster, [("worker", 0)], "database"): nothing passes; is_deaf: only answers are lost."""

    def __init__(self, cluster, who, server, is_deaf=False):
        ports = {"database": [5432], "broker": [cluster.broker_port], "both": [5432, cluster.broker_port]}[server]
        rules = []
        for role, i in who:
            for port in ports:
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


LEASE_S = 15


class Silent:
    """with Silent(...): the connections that the process has now are half open for ever, in one way ("to" or "from" the
    server) or both; those that it makes from now on work."""

    def __init__(self, cluster, role, i, server, ways):
        self.at, self.port = address(role, i), 5432 if server == "database" else cluster.broker_port
        self.ports = set(self.outstanding())
        ports = "{ " + ", ".join(map(str, sorted(self.ports))) + " }"
        rules = {"to": f"ip daddr {self.at} tcp dport {self.port} tcp sport {ports} drop",
                 "from": f"ip saddr {self.at} tcp sport {self.port} tcp dport {ports} drop"}
        self.rules = "\n".join(rules[way] for way in ways)

    def outstanding(self):
        """The process's own ports of connections that stand, and how many octets of each were not acknowledged."""
        said = subprocess.run(["ss", "-tnH", "state", "established", "dst", f"{self.at}:{self.port}"],
                              capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in said.splitlines()]
        return {int(row[2].rsplit(":", 1)[1]): int(row[1]) for row in rows}

    def __enter__(self):
        if self.ports:
            nft(f"table inet dss_silent {{\nchain out {{\ntype filter hook output priority 0\n{self.rules}\n}}\n}}\n")
        return self

    def __exit__(self, *_):
        if self.ports:
            nft("delete table inet dss_silent\n")

    def left_within(self):
        """Seconds until the process has left all of those on which it said something, longest first; what counts is the
        time from then on. A connection that nobody uses is nobody's loss."""
        begun, took = {}, {}
        until = time.monotonic() + 2 * LEASE_S
        while time.monotonic() < until and not (took and not begun):
            now, octets = time.monotonic(), self.outstanding()
            for port in self.ports:
                if octets.get(port):
                    begun.setdefault(port, now)
                elif port in begun:
                    took[port] = now - begun.pop(port)
            time.sleep(0.1)
        return sorted([*took.values(), *(time.monotonic() - at for at in begun.values())], reverse=True)


def half_open(role, i, server, *ways):
    """What counts: connections on which something was said in vain. Each is to be left within a lease."""
    def blow(cluster):
        with_work(cluster.unacked if role == "worker" else cluster.transactions)
        with Silent(cluster, role, i, server, ways) as silent:
            seconds = silent.left_within()
        if seconds:
            print(f"# left after {', '.join(f'{s:.1f}' for s in seconds)} s", flush=True)
            cluster.slow += sum(s > LEASE_S for s in seconds)
        return len(seconds)
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
    try:
        code = process.wait(BACK_S if "works-from" not in OFF else SHORT_S)
    except subprocess.TimeoutExpired:
        if "works-from" not in OFF:
            raise
        cluster.unrefused += 1
        cluster.database.sql(f"DELETE FROM schema_version WHERE number > {newest + 1}")
        return in_hand
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
        ("worker deaf to both", cut([("worker", 0)], "both", SHORT_S, is_deaf=True)))
HALF_OPEN = (("worker half open to the broker", half_open("worker", 0, "broker", "to")),
             ("worker half open from the broker", half_open("worker", 1, "broker", "from")),
             ("worker half open to the database", half_open("worker", 0, "database", "to")),
             ("worker half open from the database", half_open("worker", 1, "database", "from")),
             ("worker half open both ways", half_open("worker", 2, "database", "to", "from")),
             ("scheduler half open to the broker", half_open("scheduler", 0, "broker", "to")),
             ("the other half open from the broker", half_open("scheduler", 1, "broker", "from")),
             ("scheduler half open from the database", half_open("scheduler", 0, "database", "from")),
             ("api half open from the database", half_open("api", 0, "database", "from")))
MESSAGES = (("memory alarm", alarm), ("duplicates", duplicates), ("poison", poison))
POINTS = (("dies while it publishes", die_at("scheduler.published")),
          ("dies after the confirm", die_at("scheduler.confirmed")))
RELEASES = (("release before", roll_old), ("release after", migrate_ahead))
