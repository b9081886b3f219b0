# SPDX-License-Identifier: Apache-2.0
"""A cluster of DSS: one PostgreSQL, one RabbitMQ, and machines whose processes share nothing else."""
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("", "postgres", "rabbitmq"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
import broker as rabbit  # noqa: E402
from rest import NoAnswer, rest  # noqa: E402
import server as postgres  # noqa: E402

START_S, STOP_S, WORK_S, GIVEN_UP = 60, 60, 20, 5
FINAL = ("done", "incomplete", "failed", "cancelled")
ACTIVE = ("SELECT count(*) FROM pg_stat_activity WHERE datname = 'dss' AND pid <> pg_backend_pid() "
          "AND xact_start IS NOT NULL")


def address(role, i):
    """Where this process reaches the servers, and nobody else does (cuts.py)."""
    return f"127.0.{1 + ('api', 'scheduler', 'worker').index(role)}.{1 + i}"


def with_work(read):
    """Wait for work in hand; how much it is."""
    until = time.monotonic() + WORK_S
    in_hand = read()
    while not in_hand and time.monotonic() < until:
        in_hand = read()
    return in_hand


class Machine:
    """A data folder of its own; processes by name."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.folder = os.path.join(cluster.folder, name)
        self.data = os.path.join(self.folder, "data")
        os.makedirs(self.data, mode=0o700)
        self.processes = {}

    def start(self, role, *words, dss=None, at="127.0.0.1"):
        cluster = self.cluster
        log = open(os.path.join(self.folder, "log." + role), "ab")
        environment = {name: value for name, value in os.environ.items()
                       if name in ("PATH", "LANG") or name.startswith(("DSS_SCAN_", "ASAN_", "UBSAN_"))}
        environment |= {"DSS_FAULT_FILE": cluster.fault, "DSS_FAULT_OFF": os.environ.get("DSS_CLUSTER_OFF", "")}
        self.processes[role] = subprocess.Popen(
            [dss or cluster.dss, role, "-c", "/dev/null", "--data", self.data, "--store", cluster.store_url(at),
             "--bus", cluster.bus_url(at), "--bus-password-file", cluster.broker.password_file, "--log-level",
             os.environ.get("DSS_CLUSTER_LOG", "info"), *words],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(environment, HOME=self.folder),
            start_new_session=True)
        log.close()
        return self.processes[role]

    def kill(self, role):
        """The process and its children, at once."""
        process = self.processes.pop(role)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self, role):
        """As a service manager does; the exit code."""
        process = self.processes.pop(role)
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "did not end"

    def log(self, role):
        with open(os.path.join(self.folder, "log." + role), errors="replace") as log:
            return log.read()


class Cluster:
    """APIs on machines 0 and 1, schedulers there too, a worker on each of the three."""

    APIS, SCHEDULERS, WORKERS = 2, 2, 3

    def __init__(self, build, folder):
        self.dss = os.path.join(build, "src", "main", "dss")
        if not os.path.exists(self.dss):
            self.dss = os.path.join(build, "dss")
        self.folder = folder
        self.fault = os.path.join(folder, "fault")
        self.old = os.environ.get("DSS_CLUSTER_OLD")
        self.poisoned = self.revived = 0
        self.slow = 0  # connections that were half open for longer than a lease
        self.unrefused = 0  # processes that work on a schema that they cannot know
        self.database = postgres.Server(settings=("max_connections=200", "listen_addresses=*"))
        self.broker_port = rabbit.free_port()
        self.broker = rabbit.Broker(lines=(f"listeners.tcp.2 = 0.0.0.0:{self.broker_port}",))
        self.machines = [Machine(self, f"machine{i}") for i in range(3)]
        self.ports = [rabbit.free_port() for _ in range(self.APIS)]
        self.token = None

    def __enter__(self):
        self.database.__enter__()
        self.command("db", "migrate")
        self.token = json.loads(self.command("keys", "create", "cluster", "--role", "admin", "-f", "json"))["secret"]
        for i in range(self.APIS):
            self.start("api", i)
        for i in range(self.SCHEDULERS):
            self.start("scheduler", i)
        for i in range(self.WORKERS):
            self.start("worker", i)
        for i in range(self.APIS):
            self.wait_api(i)
        return self

    def store_url(self, at):
        return f"postgresql://dss@{at}:5432/dss"

    def bus_url(self, at):
        return self.broker.url.replace(f"127.0.0.1:{self.broker.port}", f"{at}:{self.broker_port}")

    def start(self, role, i, dss=None):
        words = {"api": lambda: ("--listen", f"127.0.0.1:{self.ports[i]}", "--request-rate", "0"),
                 "worker": lambda: ("--concurrency", "1", "--rate", "100000"),
                 "scheduler": lambda: ()}[role]()
        return self.machines[i].start(role, *words, dss=dss, at=address(role, i))

    def __exit__(self, *_):
        for machine in self.machines:
            for role in list(machine.processes):
                os.killpg(machine.processes[role].pid, signal.SIGKILL)
                machine.processes.pop(role).wait()
        self.broker.close()
        self.database.__exit__()

    def revive(self):
        """As a service manager does: who was given up by the others has ended, and begins again under another id."""
        for i, machine in enumerate(self.machines):
            for role, process in list(machine.processes.items()):
                if process.poll() == GIVEN_UP:
                    machine.processes.pop(role)
                    self.start(role, i)
                    self.revived += 1

    def stop(self):
        """Everything ends by itself; (process, exit code) of what did not end well, and what sanitizers said."""
        wrong = []
        for machine in self.machines:
            for role in ("api", "worker", "scheduler"):
                if role not in machine.processes:
                    continue
                code = machine.end(role)
                if code:
                    wrong.append(f"{machine.name} {role}: exit {code}: {machine.log(role)[-500:]}")
                if "Sanitizer" in machine.log(role):
                    wrong.append(f"{machine.name} {role}: {machine.log(role)[-2000:]}")
        return wrong

    def command(self, *words):
        done = subprocess.run([self.dss, *words, "-c", "/dev/null", "--data", self.machines[0].data,
                               "--store", self.database.url], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"dss {' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def wait_api(self, i):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if self.request("GET", "/healthz", api=i, is_root=True)[0] == 200:
                    return
            except NoAnswer:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"api {i} is not there: " + self.machines[i].log("api")[-2000:])

    def request(self, method, path, body=None, headers=None, api=0, is_root=False, timeout=30):
        fields = {"Authorization": "Bearer " + self.token, "Accept": "application/json", **(headers or {})}
        return rest(self.ports[api], method, path if is_root else "/api/v1" + path, body, fields, timeout)[:2]

    def patient(self, method, path, body=None, headers=None, seconds=120):
        """Ask one API after the other until one says yes or no: 5xx and silence are neither."""
        until, api = time.monotonic() + seconds, 0
        while True:
            try:
                status, answer = self.request(method, path, body, headers, api=api % self.APIS)
                if status < 500 and status != 429:
                    return status, answer
                said = f"{status} {answer}"
            except NoAnswer as error:
                said = str(error)
            if time.monotonic() > until:
                raise NoAnswer(f"{method} {path}: nobody answers: {said}")
            api += 1
            time.sleep(0.2)

    def all(self, path):
        items, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            status, page = self.patient("GET", path + f"{mark}limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            if status != 200:
                raise RuntimeError(f"GET {path}: {status} {page}")
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def dead(self):
        return int(self.database.sql("SELECT count(*) FROM job WHERE dead_at IS NOT NULL"))

    # -- what is in hand, read from the servers --

    def unacked(self):
        return sum(unacked for _, unacked in self.broker.queues().values())

    def transactions(self):
        return int(self.database.sql(ACTIVE))
