#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does dss worker end what is queued exactly once, whatever is killed meanwhile?

Runs inside the fake internet (worker.sh). Scans are queued by the program `queue`, which plays API
and relay; the worker, its scanners and its resolver are the real ones.
"""
import collections
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import counted  # noqa: E402
from counted import check  # noqa: E402

BUILD = os.path.abspath(os.environ["DSS_BUILD"])
DSS = os.path.join(BUILD, "src", "main", "dss")
QUEUE = os.path.join(BUILD, "tests", "services", "queue", "queue")
WAIT_S = 90
DRAIN_S = 20
GOOD = ["dns-host.net", "dns-other.com", "mail-host.net", "web-host.com", "cdn-net.com"]
SLOW = "slow.com"  # its servers answer after 1.2 s each: there is time to do things to it
FINAL = {"done", "incomplete", "failed", "cancelled"}
FINAL_EVENTS = {"scan.completed", "scan.incomplete", "scan.failed", "scan.cancelled"}

def until(condition, what, seconds=WAIT_S):
    return counted.until(condition, what, seconds)


def is_alive(pid):
    """A zombie that nobody has reaped yet is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(parent, words, is_program=False):
    """Processes whose parent it is and whose command line ends so, or whose program is so called."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                is_child = int(stat.read().rsplit(")", 1)[1].split()[1]) == parent
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                line = line.read().rstrip(b"\0").split(b"\0")
            is_it = (os.path.basename(line[0]) == words[0] if is_program
                     else line[-len(words):] == words)
            if is_child and is_it and is_alive(int(pid)):
                found.append(int(pid))
    return found


Scan = collections.namedtuple("Scan", "id name status deaths attempt grade findings facts error")


class Queue:
    """A data folder, as API and relay see it."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "data")

    def run(self, *words):
        done = subprocess.run([QUEUE, self.folder, *words], stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"queue {' '.join(words)}: {done.stderr}")
        return done.stdout.splitlines()

    def add(self, *names, verb="add", profile="dns"):
        return [line.split()[0] for line in self.run(verb, profile, *names)]

    def scans(self, ids=None):
        rows = []
        for line in self.run("list"):
            words = line.split(" ", 8)
            scan = Scan(*words[:3], *map(int, words[3:8]), words[8] if len(words) > 8 else "")
            if ids is None or scan.id in ids:
                rows.append(scan)
        return rows

    def ended(self, ids):
        """The scans, when all have ended."""
        scans = self.scans(ids)
        return scans if all(scan.status in FINAL for scan in scans) else None

    def final_events(self):
        return collections.Counter(
            scan for event, scan in map(str.split, self.run("events")) if event in FINAL_EVENTS)

    def depth(self):
        return dict(zip(("ready", "delayed", "leased", "dead"),
                        map(int, self.run("depth")[0].split())))


class Worker:
    def __init__(self, queue, *words):
        self.log_path = os.path.join(os.path.dirname(queue.folder),
                                     f"log.{time.monotonic_ns()}")
        self.log = open(self.log_path, "wb")
        environment = {name: value for name, value in os.environ.items()
                       if name.startswith(("DSS_SCAN_", "ASAN_", "UBSAN_"))}
        environment["PATH"] = os.environ["PATH"]
        self.process = subprocess.Popen(
            [DSS, "worker", "-c", "/dev/null", "--data", queue.folder, "--log-level", "debug",
             *words], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment)

    def events(self, name=None):
        with open(self.log_path, encoding="utf-8") as lines:
            found = [json.loads(line) for line in lines
                     if line.startswith("{") and line.endswith("\n")]
        return [event for event in found if name in (None, event["event"])]

    def taken(self):
        return {event["scan_id"] for event in self.events("scan.taken")}

    def scanners(self):
        return children_of(self.process.pid, [b"scanner"])

    def resolvers(self):
        return children_of(self.process.pid, [b"unbound"], is_program=True)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            return lines.read()[-3000:]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


@contextlib.contextmanager
def bench(*words):
    """A new data folder and a worker on it."""
    folder = tempfile.mkdtemp(prefix="worker.")
    queue = Queue(folder)
    workers = []

    def start(*more):
        workers.append(Worker(queue, *words, *more))
        return workers[-1]

    try:
        yield queue, start
    except (TimeoutError, RuntimeError) as error:
        check(str(error), False, "\n".join(worker.text() for worker in workers))
    finally:
        for worker in workers:
            worker.close()
        shutil.rmtree(folder)


def check_once(name, queue, ids):
    """Each scan has ended exactly once, and no message is left over."""
    events = queue.final_events()
    check(f"{name}: each ended once", all(events[scan] == 1 for scan in ids), events)
    until(lambda: not any(queue.depth()[word] for word in ("ready", "delayed", "leased")),
          f"{name}: messages are left: {queue.depth()}", 10)


def results():
    with bench("--concurrency", "2") as (queue, start):
        ids = queue.add(*GOOD)
        start()
        scans = until(lambda: queue.ended(ids), "five scans end")
        check("scans of good domains are done", all(s.status == "done" for s in scans), scans)
        check("they have a grade and facts", all(s.grade and s.facts > 20 for s in scans), scans)
        check("findings are kept", any(s.findings for s in scans), scans)
        check_once("results", queue, ids)
        again = queue.add(*GOOD)
        scans = until(lambda: queue.ended(again), "they end again")
        check("rescans are done", all(s.status == "done" for s in scans), scans)
        check_once("rescans", queue, again)
        statuses = [line.split()[-1] for line in queue.run("findings", GOOD[0])]
        check("a rescan opens nothing twice and closes nothing",
              statuses and set(statuses) == {"open"}, statuses)


def killed_scanner():
    with bench("--concurrency", "1") as (queue, start):
        ids = queue.add(SLOW, *GOOD)
        worker = start()
        until(lambda: worker.taken() >= set(ids), "all are taken")
        first = until(worker.scanners, "a scanner runs")
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        until(lambda: queue.ended(ids[1:]), "the others end")
        slow = queue.scans(ids[:1])[0]
        check("the slow one is under way still", slow.status == "running", slow)
        check("its death is counted", slow.deaths == 1, slow)
        for pid in worker.scanners():
            os.kill(pid, signal.SIGKILL)
        slow = until(lambda: queue.ended(ids[:1]), "the killer ends", 20)[0]
        check("who kills two scanners has failed", slow.status == "failed", slow)
        check("and says why", "killed by signal 9" in slow.error, slow)
        others = queue.scans(ids[1:])
        check("the others are done", all(s.status == "done" for s in others), others)
        check("the worker lives", worker.wait(0) is None, worker.text())
        until(lambda: queue.depth()["dead"] == 1, "the message is a dead letter", 10)
        check_once("killed scanner", queue, ids)
        more = queue.add(GOOD[0])
        check("scanning goes on", until(lambda: queue.ended(more), "one more ends")[0].status
              == "done")


def killed_worker():
    with bench("--concurrency", "1") as (queue, start):
        ids = queue.add(SLOW, *GOOD)
        first = start()
        until(lambda: first.taken() >= set(ids), "all are taken")
        second = start()
        until(lambda: second.events("worker.ready"), "the second one is ready")
        scanners = first.scanners()
        first.signal(signal.SIGKILL)
        killed_at = time.monotonic()
        lost = {s.id for s in queue.scans(ids) if s.status not in FINAL}
        check("work was in hand", lost, queue.scans(ids))
        until(lambda: second.taken() & lost, "the other takes over", 20)
        took = time.monotonic() - killed_at
        print(f"note: taken over after {took:.2f} s", flush=True)
        scans = until(lambda: queue.ended(ids), "all end")
        check("what was lost was tried again", all(s.attempt == (2 if s.id in lost else 1)
                                                   for s in scans), scans)
        check("none has failed", all(s.status in ("done", "incomplete") for s in scans), scans)
        check("scanners die with their worker", not any(map(is_alive, scanners)), scanners)
        check_once("killed worker", queue, ids)


def drained():
    with bench("--concurrency", "1") as (queue, start):
        ids = queue.add(*GOOD)
        first = start()
        until(lambda: first.taken() >= set(ids), "all are taken")
        first.signal(signal.SIGTERM)
        check("a drain ends with 0", first.wait(DRAIN_S + 5) == 0, first.text())
        scans = queue.scans(ids)
        check("what ran has ended", all(s.status in FINAL for s in scans), scans)
        more = queue.add(SLOW, *GOOD)
        second = start()
        until(lambda: second.taken() >= set(more), "all are taken again")
        second.signal(signal.SIGTERM)
        second.signal(signal.SIGINT)
        began = time.monotonic()
        check("a second signal ends it now", second.wait(10) == 0, second.text())
        check("and not after a drain", time.monotonic() - began < 8)
        scans = queue.scans(more)
        check("what ran waits again", any(s.status == "queued" for s in scans), scans)
        check("nothing is half done", all(s.status in FINAL | {"queued"} for s in scans), scans)
        start()
        scans = until(lambda: queue.ended(more), "a third one ends them")
        check("none has failed", all(s.status in ("done", "incomplete") for s in scans), scans)
        check_once("drained", queue, ids + more)


def cancelled():
    with bench("--concurrency", "1") as (queue, start):
        ids = queue.add(SLOW, GOOD[0])
        worker = start()
        until(lambda: worker.taken() >= set(ids), "both are taken")
        queue.run("cancel", ids[0])
        began = time.monotonic()
        slow = until(lambda: queue.ended(ids[:1]), "the cancelled one ends", 20)[0]
        check("it is cancelled", slow.status == "cancelled", slow)
        check("within seconds", time.monotonic() - began < 8)
        good = until(lambda: queue.ended(ids[1:]), "the other ends")[0]
        check("the other is done", good.status == "done", good)
        check_once("cancelled", queue, ids)


def fresh():
    with bench("--concurrency", "1") as (queue, start):
        worker = start()
        until(lambda: worker.events("worker.ready"), "the worker is ready")
        before = worker.resolvers()
        check("one resolver", len(before) == 1, before)
        ids = queue.add(SLOW, GOOD[0], verb="fresh")
        until(lambda: len(worker.resolvers()) == 2, "one more resolver, with an empty cache")
        usual = queue.add(GOOD[1])
        scans = until(lambda: queue.ended(ids + usual), "all end")
        check("fresh scans end as others do", all(s.status in ("done", "incomplete")
                                                  for s in scans), scans)
        until(lambda: worker.resolvers() == before and len(worker.scanners()) == 1,
              "what was fresh leaves", 10)
        again = queue.add(*GOOD, verb="fresh")
        scans = until(lambda: queue.ended(again), "they end again")
        check("fresh scans are done", all(s.status == "done" for s in scans), scans)
        check_once("fresh", queue, ids + usual + again)


def killed_resolver():
    with bench("--concurrency", "1") as (queue, start):
        worker = start()
        until(lambda: worker.events("worker.ready"), "the worker is ready")
        for pid in worker.resolvers():
            os.kill(pid, signal.SIGKILL)
        until(lambda: worker.events("resolver.died"), "its death is told", 10)
        until(worker.resolvers, "another resolver")
        ids = queue.add(*GOOD)
        scans = until(lambda: queue.ended(ids), "all end")
        check("without their resolver scans are done by another",
              all(s.status == "done" for s in scans), scans)
        check_once("killed resolver", queue, ids)


def progress():
    """A slow scan says how far it is, in one event at a time that goes with its end; others say nothing."""
    with bench("--concurrency", "1") as (queue, start):
        slow, *others = queue.add(SLOW, *GOOD)
        start()

        def told():
            return {scan for event, scan in map(str.split, queue.run("events"))
                    if event == "scan.progress"}

        seen = until(told, "a scan says how far it is", 30)
        until(lambda: queue.ended([slow, *others]), "all end")
        check("the slow one says how far it is, the others do not", seen == {slow},
              (seen, slow))
        check("what is over is not told any more", not told(), queue.run("events"))
        check_once("progress", queue, [slow, *others])


def fill(path):
    """Leave no room on its disk."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(file, bytes(4096))
    os.close(file)


def disk_full():
    with bench("--concurrency", "1") as (queue, start):
        os.mkdir(queue.folder, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", queue.folder],
                       check=True)
        filler = os.path.join(queue.folder, "filler")
        try:
            ids = queue.add(SLOW, *GOOD)
            worker = start()
            until(lambda: worker.taken() >= set(ids), "all are taken")
            fill(filler)
            until(lambda: worker.events("store.down"), "the store is down", 30)
            time.sleep(3)
            check("the worker holds what it has", worker.wait(0) is None, worker.text())
            more = [s for s in queue.scans(ids) if s.status not in FINAL]
            check("something is held", more, queue.scans(ids))
            os.unlink(filler)
            scans = until(lambda: queue.ended(ids), "all are stored when there is room")
            check("what was held is stored, not scanned again",
                  all(s.attempt == 1 and s.status in ("done", "incomplete") for s in scans), scans)
            until(lambda: worker.events("store.up"), "the store is up", 10)
            check_once("disk full", queue, ids)
        finally:
            subprocess.run(["umount", "-l", queue.folder], check=False)


def main():
    for case in (results, killed_scanner, killed_worker, drained, cancelled, fresh,
                 killed_resolver, progress, disk_full):
        case()
    return counted.end()


sys.exit(main())
