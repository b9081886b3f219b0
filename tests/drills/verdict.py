# SPDX-License-Identifier: Apache-2.0
"""What became of everything that was promised: counted from DSS's API and the fake internet's journal."""
import datetime
import time

FINAL = ("done", "incomplete", "failed", "cancelled")
ENDED = ("scan.completed", "scan.incomplete", "scan.failed", "scan.cancelled")


def kind(event):
    """"dev.dss.scan.completed.v1" as "scan.completed"."""
    return ".".join(event["type"].split(".")[2:4])


def wait_settled(system, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not system.scans("open"):
            return True
        time.sleep(0.2)
    return False


def recover(system, ledger):
    """Ask again what got no answer: the same key must give one scan, whatever happened."""
    recovered = 0
    for key in sorted(ledger.silent):
        before = {scan["id"] for scan in system.scans()}
        scan = system.post_scan(ledger, key, ledger.attempts[key])
        recovered += scan in before
    return recovered


def asked_domains(journal):
    """Names whose _dmarc record somebody asked for: a scan's sign at the name servers."""
    names = set()
    with open(journal) as file:
        for line in file:
            name = line.split()[2]
            if name.startswith("_dmarc."):
                names.add(name[len("_dmarc."):].rstrip("."))
    return names


def check_promises(world, total, scans):
    """What was answered with 202 is there and has ended; done is only what was asked about."""
    promised, asked = set(world.ledger.accepted.values()), asked_domains(world.journal)
    total.attempts += len(world.ledger.attempts)
    total.accepted += len(promised)
    for scan in promised:
        state = scans.get(scan, {}).get("state")
        if state in FINAL:
            total.done += 1
        else:
            total.lost += 1
            total.faults.append(f"{scan}: accepted, and now {state or 'unknown'}")
        if state == "done" and scans[scan]["domain"] not in asked:
            total.faults.append(f"{scan}: done, and {scans[scan]['domain']} was never asked about")
    return promised


def settle(world, total):
    """Fills the sum's ledger half."""
    system, ledger = world.system, world.ledger
    total.recovered += recover(system, ledger)
    if not wait_settled(system, world.patience_s):
        total.faults.append(f"not settled after {world.patience_s} s")
    scans = {scan["id"]: scan for scan in system.scans()}
    ends = {}
    for event in system.events():
        if kind(event) in ENDED:
            ends.setdefault(event["data"]["scan"], []).append(event)
    promised = check_promises(world, total, scans)
    total.unexpected += len(set(scans) - promised)
    for scan, events in ends.items():
        if len(events) > 1:
            total.doubled += 1
            total.faults.append(f"{scan}: ended {len(events)} times")
    return scans


def running_at(system, moment):
    """Scans that ran at a moment: started before it, and not at their end."""
    ran = set()
    for event in system.events():
        if event_seconds(event) < moment:
            if kind(event) == "scan.started":
                ran.add(event["data"]["scan"])
            elif kind(event) in ENDED:
                ran.discard(event["data"]["scan"])
    return ran


def resumes_ms(system, ran, killed_at):
    """Of the scans that ran when the blow fell, those that begin once more: how long until they did. Others were in
    the hands of somebody who lives, or their end was on disk."""
    first = {}
    for event in system.events():
        if kind(event) == "scan.started" and event["data"]["scan"] in ran and event_seconds(event) > killed_at:
            first.setdefault(event["data"]["scan"], event_seconds(event))
    return [(at - killed_at) * 1000 for at in first.values()]


def ends_ms(system, ran, killed_at):
    """Of the scans that ran when their scanner died: until their end. Their worker goes on with them."""
    return [(event_seconds(event) - killed_at) * 1000 for event in system.events()
            if kind(event) in ENDED and event["data"]["scan"] in ran and event_seconds(event) > killed_at]


def event_seconds(event):
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
