# SPDX-License-Identifier: Apache-2.0
"""The k-th allocation and the k-th change of a file of a role fails, for k all over its work: whatever is answered is
right or a clean 5xx, the role goes on or ends with a line and starts again, and nothing is half done."""
import json
import math
import mmap
import os
import struct
import time

from kill import wait_ended
from system import NoAnswer
from verdict import settle

LAYOUT = "=qqqi20s"  # struct plan of failing_calls.c
KINDS = {"memory": 1, "files": 2}
ROLES = ("api", "worker", "scheduler")
GOLDEN = 0.6180339887498949
NAMES = 4  # scans a round
OUT_OF_MEMORY = 5  # the exit code, and of a role that cannot go on


class Plan:
    """The file that the preloaded library reads."""

    def __init__(self, path):
        with open(path, "w+b") as file:
            file.truncate(4096)
            self.map = mmap.mmap(file.fileno(), 4096)

    def arm(self, kind, role, at):
        """The at-th call fails; 0: none does, they are counted."""
        self.map[0:struct.calcsize(LAYOUT)] = struct.pack(LAYOUT, at, 0, 0, KINDS[kind], role.encode())

    def disarm(self):
        """How many calls there were, and whether one has failed."""
        left, seen, struck, _, _ = struct.unpack(LAYOUT, self.map[0:struct.calcsize(LAYOUT)])
        self.map[0:struct.calcsize(LAYOUT)] = bytes(struct.calcsize(LAYOUT))
        return seen, bool(struck)


class Work:
    """A bounded set of requests, all of which change or read something, and scans that run to their end."""

    def __init__(self, world, total):
        self.system, self.ledger, self.total = world.system, world.ledger, total
        self.names, self.at = world.names, 0
        self.owner = {}  # domain: what was answered, or all that may be true

    def ask(self, method, path, wanted, body=None, headers=None):
        """The answer's body when it is as wanted; None: none came, or a clean refusal."""
        try:
            status, answer, response = self.system.request(method, path, body, headers)
        except NoAnswer:
            return None
        kind = response.getheader("Content-Type", "")
        if status in wanted and isinstance(answer, dict):
            return answer
        if status < 500 or not kind.startswith("application/problem+json") or not isinstance(answer, dict):
            self.total.faults.append(f"{method} {path}: {status} {kind} {answer}")
        return None

    def own(self, name):
        """Set a member, then read it: what was acknowledged is there, what was not is there or is not."""
        owner = f"owner-{self.at}"
        may_be = self.owner.get(name, {None})
        done = self.ask("PATCH", f"/domains/{name}", {200}, {"owner": owner},
                        {"If-Match": "*"})
        self.owner[name] = {owner} if done else may_be | {owner}
        seen = self.ask("GET", f"/domains/{name}", {200})
        if seen and (seen.get("owner") or None) not in self.owner[name]:
            self.total.faults.append(f"{name}: owner {seen.get('owner')}, and it can be {self.owner[name]} only")

    def run(self):
        scans = []
        for _ in range(NAMES):
            self.at += 1
            scans.append(self.system.scan(self.ledger, self.names[self.at % len(self.names)]))
        self.own(self.names[0])
        for path in ("/domains?limit=20", "/scans?limit=20", "/findings?limit=20", "/queue", "/stats"):
            self.ask("GET", path, {200})
        wait_ended(self.system, {scan for scan in scans if scan}, seconds=20)


def crashes(log, since):
    """Roles that ended otherwise than by a line: by a signal, or with a code that says nothing."""
    found = []
    with open(log, encoding="utf-8", errors="replace") as file:
        file.seek(since)
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == "role.ended" and (event.get("signal") or event.get("code") not in
                                                       (None, 0, OUT_OF_MEMORY)):
                found.append(f"{event['name']} ended with {event.get('signal') or event.get('code')}")
    return found


def spread(count):
    """1 to count, each once, in an order of which any beginning is spread all over them."""
    step = max(1, round(GOLDEN * count))
    while math.gcd(step, count) > 1:
        step += 1
    return [1 + number * step % count for number in range(1, count + 1)]


def pick(every, number):
    """The next call of each kind and role in turn, until those with few have had all of theirs."""
    places = [place for place in every if every[place]]
    kind, role = places[number % len(places)]
    return kind, role, every[kind, role].pop(0)


def failing(world, rounds, total):
    system = world.system
    calls = os.path.join(world.folder, "calls")
    plan = Plan(calls)
    library = os.path.join(os.path.dirname(system.dss), "tests", "drills", "failing_calls.so")
    system.environment.update(LD_PRELOAD=library, DSS_FAULT_CALLS=calls)
    options = os.environ.get("ASAN_OPTIONS", "").split(":") + ["verify_asan_link_order=0", "allocator_may_return_null=1"]
    system.environment["ASAN_OPTIONS"] = ":".join(option for option in options if option)
    system.start()
    work = Work(world, total)
    system.request("POST", "/domains", {"name": world.names[0]})
    work.run()
    most = {}
    for kind in KINDS:
        for role in ROLES:
            plan.arm(kind, role, 0)
            work.run()
            most[kind, role] = plan.disarm()[0]
    total.notes.append("calls: " + ", ".join(f"{role} {kind} {count}" for (kind, role), count in most.items()))
    every = {place: spread(count) for place, count in most.items()}
    for number in range(min(rounds, sum(most.values()))):
        kind, role, at = pick(every, number)
        logged = os.path.getsize(system.log.name)
        plan.arm(kind, role, at)
        work.run()
        struck = plan.disarm()[1]
        began = time.monotonic()
        system.wait_ready()
        total.resumes_ms.append((time.monotonic() - began) * 1000)
        total.add_round(1 if struck else 0)
        for fault in crashes(system.log.name, logged):
            total.faults.append(f"{kind} {role} call {at}: {fault}")
    settle(world, total)
    for name, may_be in work.owner.items():
        _, seen, _ = system.request("GET", f"/domains/{name}")
        if seen.get("owner") not in may_be:
            total.faults.append(f"{name}: owner {seen.get('owner')}, and it can be {may_be} only")
    checked = system.command("db", "check", check=False)
    if checked.returncode:
        total.faults.append("db check: " + checked.stdout + checked.stderr)
