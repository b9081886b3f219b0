# SPDX-License-Identifier: Apache-2.0
"""Two workers and one pace: what a name server gets of both together, counted in its journal."""
from pause import wait_workers
from verdict import settle, wait_settled

RATE = 8  # questions a second to one address, so few that two workers want more on the slowest machine; as many at once
ADDRESSES = 2  # of a name server: one of each family
LATE = 1.2  # what was due a while ago may come with what is due now
UNBOUND = 0x0010  # sets CD (RFC 4035 section 3.2.2) in all that it asks; a scanner never does


def asked_by_scanners(journal):
    """Server: the times of what scanners asked of it over UDP."""
    times = {}
    with open(journal) as file:
        for line in file:
            at, server, _, _, transport, flags = line.split()
            if transport == "udp" and not int(flags, 16) & UNBOUND:
                times.setdefault(server, []).append(float(at))
    return times


def shared(world, rounds, total):
    """Many scans of domains that share their servers, on two workers that both have more to ask than they may."""
    system = world.system
    system.environment["DSS_SCAN_RATE_PER_HOST"] = str(RATE)
    system.environment["DSS_SCAN_IN_FLIGHT"] = "4"  # a scanner: one worker alone cannot take all
    system.start()
    system.start("worker", wait=False)
    wait_workers(system, 2)
    names = iter(world.names)
    for _ in range(rounds):
        before = {server: len(times) for server, times in asked_by_scanners(world.journal).items()}
        for _ in range(40):
            system.scan(world.ledger, next(names), profile="standard")
        if not wait_settled(system, 300):
            total.faults.append("not settled after 300 s")
        most, told = 0, ""
        for server, times in asked_by_scanners(world.journal).items():
            times = sorted(times)[before.get(server, 0):]
            span = times[-1] - times[0] if times else 0
            allowed = LATE * ADDRESSES * RATE * (1 + span)
            if len(times) > most:
                most, told = len(times), f"{server}: {len(times)} questions in {span:.1f} s of {allowed:.0f} allowed"
            if len(times) > allowed:
                total.faults.append(f"{server}: {len(times)} questions in {span:.1f} s, and {allowed:.0f} were allowed")
        total.add_round(most)
        total.notes.append(told)
    settle(world, total)
