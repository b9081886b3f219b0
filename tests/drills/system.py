# SPDX-License-Identifier: Apache-2.0
"""DSS under test inside the fake internet: started, asked over REST, hurt, stopped."""
import json
import os
import signal
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from rest import NoAnswer, rest  # noqa: E402

PORT = 8053
START_S, SETTLE_S = 20, 60


class System:
    """`dss serve` (or single roles) on one data folder."""

    def __init__(self, build, folder, switched_off=(), settings=None):
        self.dss = os.path.join(build, "dss")
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.fault = os.path.join(folder, "fault")
        self.log = open(os.path.join(folder, "log"), "ab")
        self.environment = dict(os.environ, DSS_FAULT_FILE=self.fault,
                                DSS_FAULT_OFF=",".join(switched_off), DSS_SERVER_REQUEST_RATE="100000",
                                DSS_SERVER_REQUEST_BURST="100000", **(settings or {}))
        self.processes = {}
        self.started = []
        self.token = None
        self.seen_events = []  # events stay as they are: each is fetched once

    # -- processes --
    def start(self, *role, wait=True):
        role = role or ("serve",)
        self.processes[role] = subprocess.Popen(
            [self.dss, *role, "--data", self.data], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL, env=self.environment, start_new_session=True)
        self.started.append(self.processes[role])
        if wait:
            self.wait_ready()
        return self.processes[role]

    def command(self, *words, check=True):
        done = subprocess.run([self.dss, *words, "--data", self.data], env=self.environment,
                              capture_output=True, text=True, timeout=60)
        if check and done.returncode:
            raise RuntimeError(f"dss {' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return done

    def wait_ready(self):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if self.request("GET", "/readyz", root=True)[0] == 200:
                    break
            except NoAnswer:
                pass
            time.sleep(0.02)
        else:
            raise RuntimeError("not ready; see " + self.log.name)
        if not self.token:
            made = self.command("keys", "create", "drill", "--role", "admin", "-f", "json")
            self.token = json.loads(made.stdout)["secret"]

    def kill(self, *role, how=signal.SIGKILL):
        process = self.processes.pop(role or ("serve",))
        process.send_signal(how)
        return process.wait(timeout=60)

    def wait(self, *role):
        return self.processes.pop(role).wait(timeout=60)

    def stop(self):
        """All that run, those that a drill has put to sleep too; their exit codes, but of those that it killed."""
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGTERM)
        codes = []
        for process in self.started:
            try:
                codes.append(process.wait(timeout=40))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append("did not stop")
        current = set(self.processes.values())
        codes = [code for process, code in zip(self.started, codes)
                 if code == "did not stop" or process in current and code != -signal.SIGKILL]
        self.processes.clear()
        self.started.clear()
        return codes

    def arm(self, point):
        """The next process that reaches the point ends there; returns once it did, or None."""
        temporary = self.fault + ".new"
        with open(temporary, "w") as file:
            file.write(point)
        os.rename(temporary, self.fault)

    def disarm(self):
        try:
            os.unlink(self.fault)
            return True
        except FileNotFoundError:
            return False

    def wait_fired(self, seconds=10):
        until = time.monotonic() + seconds
        while os.path.exists(self.fault):
            if time.monotonic() > until:
                return None
            time.sleep(0.002)
        return time.time()

    def pids(self, role):
        """Of processes of this system's roles, by their command line."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if len(words) > 1 and words[1] == role.encode():
                found.append(int(entry))
        return found

    # -- REST --
    def request(self, method, path, body=None, headers=None, root=False, timeout=10):
        fields = dict(headers or {})
        if self.token:
            fields["Authorization"] = "Bearer " + self.token
        return rest(PORT, method, path if root else "/api/v1" + path, body, fields, timeout)

    def all(self, path, key="items"):
        """Every page of a list."""
        items, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            status, page, _ = self.request("GET", path + f"{mark}limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            if status != 200:
                raise (NoAnswer if status >= 500 else RuntimeError)(f"GET {path}: {status} {page}")
            items += page[key]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def scan(self, ledger, name, priority="normal", profile="quick"):
        """One POST, written down before and after."""
        key = uuid.uuid4().hex
        ledger.attempt(key, name)
        return self.post_scan(ledger, key, name, priority, profile)

    def post_scan(self, ledger, key, name, priority="normal", profile="quick"):
        try:
            status, body, _ = self.request("POST", "/scans", {"name": name, "profile": profile, "priority": priority},
                                           {"Idempotency-Key": key})
        except NoAnswer:
            ledger.unanswered(key)
            return None
        if status in (200, 202):
            ledger.accept(key, body["id"])
            return body["id"]
        ledger.refuse(key, status)
        return None

    def scans(self, state=None):
        return self.all("/scans" + (f"?state={state}" if state else ""))

    def events(self):
        items = self.seen_events
        while True:
            after = int(items[-1]["sequence"]) if items else 0
            status, page, _ = self.request("GET", f"/events?after={after}&limit=1000",
                                           headers={"Accept": "application/json"})
            if status != 200:
                raise RuntimeError(f"GET /events: {status} {page}")
            if not page["items"]:
                return items
            items += page["items"]
