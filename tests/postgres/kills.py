#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every acknowledged row there, and no other, after backends and servers were killed?

usage: kills.py WRITER [ROUNDS]

Two processes write. Each round stops a backend that has a transaction open, reads from
pg_stat_activity that it still has it, and kills it; every third round the postmaster goes too, and a
new one is started. A round without an open transaction at the kill does not count. In the end rows
present = rows acknowledged; only a write that was answered with "not known" may be there or not.
"""
import errno
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server  # noqa: E402

THREADS, WRITERS, ROUND_S = 6, 2, 60
OPEN = ("SELECT pid FROM pg_stat_activity WHERE application_name = 'dss' AND "
        "xact_start IS NOT NULL AND backend_xid IS NOT NULL{} ORDER BY random() LIMIT 1")


def stopped_backend(server):
    """A backend of a writer that is stopped inside of a transaction, or None."""
    found = server.sql(OPEN.format(""))
    if not found:
        return None
    pid = int(found)
    try:
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return None
    try:
        if server.sql(OPEN.format(f" AND pid = {pid}"), seconds=3):
            return pid
    except subprocess.TimeoutExpired:
        pass  # it was stopped with a lock in hand that every snapshot waits for: nobody could tell
    os.kill(pid, signal.SIGCONT)
    return None


def kill_round(server, with_postmaster):
    end = time.monotonic() + ROUND_S
    while time.monotonic() < end:
        pid = stopped_backend(server)
        if pid is None:
            continue
        if with_postmaster:
            os.kill(server.pid(), signal.SIGKILL)
            server.process.wait()
        os.kill(pid, signal.SIGKILL)
        if with_postmaster:
            server.start()
        return True
    return False


def wait_for(lines):
    """Until all writers write again."""
    end = time.monotonic() + ROUND_S
    before = [acknowledged([path]) for path in lines]
    while time.monotonic() < end:
        if all(acknowledged([path]) > old + 5 for path, old in zip(lines, before)):
            return True
        time.sleep(0.05)
    return False


def read(path):
    with open(path, encoding="ascii") as file:
        return [line.split() for line in file.read().splitlines()]


def acknowledged(lines):
    return sum(1 for path in lines for row in read(path) if row[1] == "0")


def main():
    writer, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 12
    counted, wrong = 0, []
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        lines = [os.path.join(folder, f"{i}") for i in range(WRITERS)]
        schemas = [f"w{i}" for i in range(WRITERS)]
        processes = []
        for path, schema in zip(lines, schemas):
            server.sql(f"CREATE SCHEMA {schema}")
            out = open(path, "wb")
            processes.append(subprocess.Popen(
                [writer, server.url + f"&options=-csearch_path%3D{schema}", str(THREADS)],
                stdin=subprocess.PIPE, stdout=out))
            out.close()
        for number in range(rounds):
            if not wait_for(lines):
                wrong.append(f"round {number}: nobody writes any more")
                break
            counted += kill_round(server, number % 3 == 2)
        if not wait_for(lines):
            wrong.append("after the last round nobody writes any more")
        for process in processes:
            process.stdin.close()
            process.wait(timeout=120)
        done = failed = unknown = 0
        for path, schema in zip(lines, schemas):
            told = {int(row[0]): int(row[1]) for row in read(path)}
            there = {int(row) for row in
                     server.sql(f"SELECT id FROM {schema}.item").split()}
            sure = {number for number, code in told.items() if code == 0}
            open_ended = {number for number, code in told.items()
                          if code == -errno.ETIMEDOUT}
            lost, extra = sure - there, there - sure - open_ended
            done += len(sure)
            failed += len(told) - len(sure)
            unknown += len(open_ended)
            if lost:
                wrong.append(f"{len(lost)} acknowledged rows are gone, such as {min(lost)}")
            if extra:
                wrong.append(f"{len(extra)} rows are there that nobody was told of, such as "
                             f"{min(extra)} ({told.get(min(extra))})")
    if counted < rounds:
        wrong.append(f"only {counted} of {rounds} rounds had an open transaction at the kill")
    print(f"rounds {rounds} counted {counted} acknowledged {done} refused {failed} "
          f"unknown {unknown}")
    for line in wrong:
        print(line)
    print(f"{counted} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
