# SPDX-License-Identifier: Apache-2.0
"""The disk is full while work comes in: refused cleanly, and on again without a restart."""
import itertools
import os
import subprocess

from verdict import settle, wait_settled

MIB = 1 << 20


def disk_full(world, rounds, total):
    system, ledger = world.system, world.ledger
    names = itertools.cycle(world.names)
    system.stop()
    subprocess.run(["cp", "-a", system.data, system.data + ".kept"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={(40 + 5 * rounds) * MIB}", "none", system.data], check=True)
    subprocess.run(["cp", "-a", system.data + ".kept/.", system.data], check=True)
    system.start()
    ballast = os.path.join(system.data, "ballast")
    for number in range(rounds):
        for _ in range(20):
            system.scan(ledger, next(names))
        room = os.statvfs(system.data)
        free = room.f_bavail * room.f_frsize - number % 8 * 4096  # a few pages are left, a different number
        with open(ballast, "wb") as file:
            try:
                file.write(b"\0" * max(free, 0))
            except OSError:
                pass
        refused = 0
        for _ in range(60):
            key_count = len(ledger.refused)
            system.scan(ledger, next(names))
            refused += len(ledger.refused) > key_count
        total.add_round(refused or (60 if world.is_control else 0))
        os.unlink(ballast)
        if not wait_settled(system, 60):
            total.faults.append("did not go on after there was room again")
        if not system.scan(ledger, next(names)):
            total.faults.append("still refuses after there was room again")
    wrong = {status for status in ledger.refused.values() if status not in (503, 507)}
    if wrong:
        total.faults.append(f"refused with {sorted(wrong)}, not 503")
    settle(world, total)
    checked = system.command("db", "check", check=False)
    if checked.returncode:
        total.faults.append("db check: " + checked.stdout + checked.stderr)
    system.stop()
    subprocess.run(["umount", system.data], check=True)
