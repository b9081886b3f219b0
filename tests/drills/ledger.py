# SPDX-License-Identifier: Apache-2.0
"""What was asked and promised, kept outside DSS: each line is on disk before the next step."""
import os


class Ledger:
    """attempt KEY NAME: a request goes out; accepted KEY SCAN: it was answered; refused KEY STATUS;
    silent KEY: no answer came (the server died)."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.attempts = {}  # idempotency key: domain
        self.accepted = {}  # idempotency key: scan
        self.silent = set()
        self.refused = {}

    def _write(self, *words):
        os.write(self.fd, (" ".join(words) + "\n").encode())
        os.fsync(self.fd)

    def attempt(self, key, name):
        self._write("attempt", key, name)
        self.attempts[key] = name

    def accept(self, key, scan):
        self._write("accepted", key, scan)
        self.silent.discard(key)
        self.accepted[key] = scan

    def refuse(self, key, status):
        self._write("refused", key, str(status))
        self.refused[key] = status

    def unanswered(self, key):
        self._write("silent", key)
        self.silent.add(key)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


class Sum:
    """The seven numbers of a drill, and how fast work went on after each blow."""

    COLUMNS = "rounds in-hand attempts accepted done lost unexpected doubled recovered p50_ms p99_ms".split()

    def __init__(self, name, progress=os.devnull):
        self.name = name
        self.progress = progress  # a file for whoever waits for a long drill
        self.rounds = self.in_hand = self.attempts = self.accepted = self.done = 0
        self.lost = self.unexpected = self.doubled = self.recovered = 0
        self.resumes_ms = []
        self.faults = []  # lines: what else was wrong
        self.idle_rounds = 0  # nothing was in hand: the round does not count
        self.notes = []  # lines: what was seen besides

    def add_round(self, in_hand):
        if in_hand:
            self.rounds += 1
            self.in_hand += in_hand
        else:
            self.idle_rounds += 1
        with open(self.progress, "w") as file:
            file.write("\n".join([f"{self.rounds} rounds, {self.idle_rounds} idle", *self.faults]) + "\n")

    def is_good(self):
        return not (self.lost or self.unexpected or self.doubled or self.faults)

    def row(self):
        def ms(share):
            value = percentile(self.resumes_ms, share)
            return "-" if value is None else f"{value:.0f}"

        return [str(v) for v in (self.rounds, self.in_hand, self.attempts, self.accepted, self.done,
                                 self.lost, self.unexpected, self.doubled, self.recovered)] + [ms(0.5), ms(0.99)]
