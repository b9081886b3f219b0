# SPDX-License-Identifier: Apache-2.0
"""Schedules: one fire per tick and one scan per domain and tick, whatever happens to the clock and to us."""
import csv
import io
import os
import time

from kill import Bursts, running, wait_running
from verdict import ENDED, FINAL, check_promises, kind, wait_settled

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def load_domains(system, names, tag="drill"):
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["name", "tags"])
    rows.writerows([name, tag] for name in names)
    status, body, _ = system.request("POST", "/domains/import?mode=upsert", text.getvalue().encode(),
                                     {"Content-Type": "text/csv"}, timeout=300)
    if status != 200:
        raise RuntimeError(f"import: {status} {body}")


def fast_schedule(system, names, cron="* * * * *", tag="drill"):
    load_domains(system, names, tag)
    status, body, _ = system.request("POST", "/schedules", {"name": tag, "cron": cron, "zone": "UTC",
                                                            "selector": f"tag:{tag}", "profile": "quick"})
    if status != 201:
        raise RuntimeError(f"schedule: {status} {body}")
    return body["id"]


def expanding(system):
    """Batches that are yet to become scans: while there are any, no open scan does not mean that all is done."""
    return [batch["id"] for batch in system.all("/batches") if batch["state"] == "expanding"]


def wait_expanded(system, seconds):
    until = time.monotonic() + seconds
    while expanding(system):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def check_ticks(world, total, domains, seconds=None):
    """Exactly one final scan per domain and tick of each schedule."""
    system, seconds = world.system, seconds or world.patience_s
    left = expanding(system)
    if left:
        total.notes.append(f"{len(left)} batches were yet to become scans after the last blow")
    if not wait_expanded(system, seconds):
        total.faults.append(f"not expanded after {seconds} s")
    if not wait_settled(system, seconds):
        total.faults.append(f"not settled after {seconds} s")
    ticks, tick_of, pairs, ends = {}, {}, {}, {}
    for event in system.events():
        data = event["data"]
        if kind(event) == "schedule.fired" and data.get("tick"):
            tick = (data.get("schedule"), data["tick"])
            ticks.setdefault(tick, []).append(data["batch"])
            tick_of[data["batch"]] = tick
        elif kind(event) in ENDED:
            ends[data["scan"]] = ends.get(data["scan"], 0) + 1
    for tick, made in ticks.items():
        if len(made) > 1:
            total.doubled += len(made) - 1
            total.faults.append(f"tick {tick} fired {len(made)} times")
    for scan in system.scans():
        tick = tick_of.get(scan.get("batch"))
        if not tick:
            continue
        pairs.setdefault((tick, scan["domain"]), []).append(scan)
        total.accepted += 1
        if scan["state"] in FINAL:
            total.done += 1
        else:
            total.lost += 1
    total.doubled += sum(len(scans) - 1 for scans in pairs.values()) + sum(count - 1 for count in ends.values())
    counts = {}
    for tick, _ in pairs:
        counts[tick] = counts.get(tick, 0) + 1
    for tick in ticks:
        if counts.get(tick, 0) != domains:
            total.lost += domains - counts.get(tick, 0)
            total.faults.append(f"tick {tick}: {counts.get(tick, 0)} of {domains} domains were scanned")
    if not ticks:
        total.faults.append("no tick fired")
    return sorted(ticks)


POINTS = ("scheduler.before-fire", "scheduler.after-fire", "scheduler.expanding", "scheduler.expanded",
          "scheduler.published")
SCHEDULES = 8


def kill_scheduler(world, rounds, total):
    """Eight schedules with one tick a minute: whoever fires one is killed, and who goes on with the next."""
    system = world.system
    for number in range(SCHEDULES):
        fast_schedule(system, world.names[number * 60:number * 60 + 60], tag=f"drill{number}")
    for number in range(rounds):
        point = POINTS[number % len(POINTS)]
        system.arm(point)
        if system.wait_fired(75) is None:
            system.disarm()
            total.faults.append(f"{point}: nobody came by")
            continue
        total.add_round(1)  # the tick or batch that it had in its hands
    for schedule in system.all("/schedules"):
        status, body, _ = system.request("PATCH", f"/schedules/{schedule['id']}", {"enabled": False},
                                         {"If-Match": "*"})
        if status != 200:
            raise RuntimeError(f"schedule: {status} {body}")
    check_ticks(world, total, 60)


def clock_jumps(world, rounds, total):
    """The wall clock jumps under live processes; ticks fire once, leases do not notice."""
    system = world.system
    moved = os.path.join(world.folder, "moved")

    def set_clock(offset_s):
        with open(moved + ".new", "w") as file:
            file.write(f"{offset_s:+d}s")
        os.rename(moved + ".new", moved)

    set_clock(0)
    system.environment.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=moved, FAKETIME_NO_CACHE="1",
                              FAKETIME_FORCE_MONOTONIC_FIX="0",
                              FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")
    system.start()
    fast_schedule(system, world.names[:20], cron="*/5 * * * *")
    now, bursts = 0, Bursts(world, size=60)
    for jump in ([7200, -7200, 86400, -86400] * rounds)[:rounds]:
        time.sleep(3)
        bursts.begin()
        held = wait_running(system)
        now += jump
        set_clock(now)
        begun = time.monotonic()
        while running(system) & held and time.monotonic() < begun + 20:
            time.sleep(0.05)
        total.resumes_ms.append((time.monotonic() - begun) * 1000)
        bursts.end()
        time.sleep(7)
        total.add_round(len(held))
        status, _, _ = system.request("GET", "/readyz", root=True)
        if status != 200:
            total.faults.append(f"not ready after a jump of {jump} s")
    check_ticks(world, total, 20)
    check_promises(world, total, {scan["id"]: scan for scan in system.scans()})
    lost = [event for event in system.events() if kind(event) == "worker.lost"]
    if lost:
        total.faults.append(f"{len(lost)} workers were taken for dead")


def portfolio(world, rounds, total):
    """An import of all names, one schedule, and everything killed in the middle."""
    system = world.system
    at = time.gmtime((time.time() + 70) // 60 * 60)  # one tick, within the next two minutes
    fast_schedule(system, world.names, cron=f"{at.tm_min} {at.tm_hour} * * *")
    while not system.scans("running"):
        time.sleep(1)
    for _ in range(3):
        time.sleep(4)
        held = len(system.scans("running"))
        system.kill("serve")
        system.start()
        total.add_round(held)
    patience_s = 20 if world.is_control else max(900, len(world.names) // 20)
    check_ticks(world, total, len(world.names), seconds=max(world.patience_s, patience_s))
