# SPDX-License-Identifier: Apache-2.0
"""What became of everything that was promised: counted from DSS's API and the fake internet's journal."""
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
    promised = set(ledger.accepted.values())
    total.attempts += len(ledger.attempts)
    total.accepted += len(promised)
    asked = asked_domains(world.journal)
    for scan in promised:
        state = scans.get(scan, {}).get("state")
        if state in FINAL:
            total.done += 1
        else:
            total.lost += 1
            total.faults.append(f"{scan}: accepted, and now {state or 'unknown'}")
        if state == "done" and scans[scan]["domain"] not in asked:
            total.faults.append(f"{scan}: done, and {scans[scan]['domain']} was never asked about")
    total.unexpected += len(set(scans) - promised)
    for scan, events in ends.items():
        if len(events) > 1:
            total.doubled += 1
            total.faults.append(f"{scan}: ended {len(events)} times")
    return scans


def resumes_ms(system, in_hand, killed_at):
    """For each scan that was running when the blow fell: until it ran again, or ended."""
    first = {}
    for event in system.events():
        if kind(event) in ENDED + ("scan.started",):
            scan, at = event["data"]["scan"], event_seconds(event)
            if scan in in_hand and at > killed_at:
                first[scan] = min(first.get(scan, at), at)
    return [(at - killed_at) * 1000 for at in first.values()]


def event_seconds(event):
    import datetime
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
