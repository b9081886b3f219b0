# SPDX-License-Identifier: Apache-2.0
"""Starts a notifier over the events that wait, and takes the time until all are delivered: notify.py DSS NAME COUNT."""
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

dss, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
STORE, LIMIT_S = os.path.join(os.environ["DSS_DATA"], "dss.db"), 300


def told():
    """Events of deliveries that have ended, and messages."""
    store = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True, timeout=30)
    try:
        return store.execute("SELECT coalesce(sum(d.events), 0), count(*) FROM delivery d JOIN channel c "
                             "ON c.no = d.channel WHERE c.name = ? AND d.state = 3", (name,)).fetchone()
    finally:
        store.close()


began = time.monotonic()
notifier = subprocess.Popen([dss, "notifier", "--notify-network", "127.0.0.0/8", "--log-level", "error"],
                            stdin=subprocess.DEVNULL)
while told()[0] < count and time.monotonic() < began + LIMIT_S:
    time.sleep(0.02)
wall = time.monotonic() - began
events, messages = told()
notifier.send_signal(signal.SIGTERM)
notifier.wait(60)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu_ms = (spent.ru_utime + spent.ru_stime) * 1000
print(f"notify.{name} {events} {wall:.3f} {cpu_ms / max(events, 1):.4f} {spent.ru_maxrss}")
print(f"# {messages} messages, {messages / wall:.0f} a second, {events / wall:.0f} events a second")
