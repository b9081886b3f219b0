# SPDX-License-Identifier: Apache-2.0
"""The disk is full while work comes in: refused cleanly, and on again without a restart."""
import itertools
import os
import subprocess
import time

from verdict import settle, wait_settled

MIB = 1 << 20
ROOM = 32 * MIB
TRIES = 150  # requests, until one is refused
LEASE_S = 15


def sizes(system):
    """What takes the room of the disk, for people."""
    room = os.statvfs(system.data)
    kib = {name: os.path.getsize(os.path.join(system.data, name)) >> 10 for name in ("dss.db", "dss.db-wal")}
    return f"{room.f_bavail * room.f_frsize >> 10} KiB free beside " + ", ".join(f"{n} {k}" for n, k in kib.items())


def take_room(path, leave):
    """A file that leaves so much of its disk."""
    room = os.statvfs(os.path.dirname(path))
    with open(path, "ab", buffering=0) as file:  # what does not fit is not tried again on closing
        left = room.f_bavail * room.f_frsize + file.tell() - leave
        file.truncate(min(max(left, 0), file.tell()))
        file.seek(0, os.SEEK_END)
        try:
            while file.tell() < left:
                file.write(b"\0" * min(left - file.tell(), MIB))
        except OSError:
            pass


def post(system, ledger, names, count):
    """How many of so many requests were refused."""
    before = len(ledger.refused)
    for _ in range(count):
        system.scan(ledger, next(names))
    return len(ledger.refused) - before


def disk_full(world, rounds, total):
    """A round has ROOM bytes; then somebody else takes all of it, and gives it back."""
    system, ledger = world.system, world.ledger
    names = itertools.cycle(world.names)
    system.stop()
    subprocess.run(["cp", "-a", system.data, system.data + ".kept"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={(40 + 12 * rounds) * MIB}", "none", system.data], check=True)
    subprocess.run(["cp", "-a", system.data + ".kept/.", system.data], check=True)
    system.start()
    others, ballast = (os.path.join(system.data, name) for name in ("others", "ballast"))
    for number in range(rounds):
        take_room(others, ROOM)
        post(system, ledger, names, 20)
        take_room(ballast, number % 8 * 4096)  # a few pages are left, a different number
        refused = 0
        for _ in range(TRIES):  # the log has room of its own
            refused = refused or post(system, ledger, names, 1)
            if refused or world.is_control:
                break
        refused += post(system, ledger, names, 40)
        if number % 8 == 4:
            time.sleep(LEASE_S + 5)  # nobody could beat
        total.add_round(refused or (40 if world.is_control else 0))
        os.unlink(ballast)
        freed_s, had = time.monotonic(), sizes(system)
        while not system.scan(ledger, next(names)):
            if time.monotonic() > freed_s + 60:
                total.faults.append("still refuses after there was room again")
                break
            time.sleep(0.02)
        total.resumes_ms.append((time.monotonic() - freed_s) * 1000)
        if not wait_settled(system, 60):
            total.faults.append(f"round {number}: did not go on after there was room again: {had}, now {sizes(system)}")
    wrong = {status for status in ledger.refused.values() if status not in (503, 507)}
    if wrong:
        total.faults.append(f"refused with {sorted(wrong)}, not 503")
    settle(world, total)
    checked = system.command("db", "check", check=False)
    if checked.returncode:
        total.faults.append("db check: " + checked.stdout + checked.stderr)
    system.stop()
    subprocess.run(["umount", system.data], check=True)
