# SPDX-License-Identifier: Apache-2.0
"""A dss api of our own on a free port of loopback with a new data folder, and requests to it."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ports import free_port  # noqa: E402

BUILD = os.environ.get("DSS_BUILD", "build/dev")
DSS = next(path for path in (os.path.join(BUILD, "dss"), os.path.join(BUILD, "src/main/dss"))
           if os.path.exists(path))
START_SECONDS = 20


class Cases:
    """Counts, and says what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def same(self, name, wanted, got):
        if wanted == got:
            self.passed += 1
            return True
        self.failed += 1
        print(f"FAILED {name}\n  want {wanted!r}\n  got  {got!r}", flush=True)
        return False

    def true(self, name, value, note=""):
        return self.same(name, True, bool(value)) or print("  ", note) or False

    def is_problem(self, name, answer, status, slug, errors=None):
        """Problem details of this kind (RFC 9457), which name these places."""
        is_fine = self.same(f"{name}: status", status, answer.status)
        if answer.header("Content-Type") != "application/problem+json":
            self.true(f"{name}: is a problem", False, answer.body[:300])
            return
        self.same(f"{name}: kind", slug, answer.slug())
        if errors is not None:
            self.same(f"{name}: places", errors, answer.errors())
        if not is_fine:
            print(answer.body.decode())

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name)

    def json(self):
        return json.loads(self.body)

    def slug(self):
        """The kind of problem."""
        return self.json()["type"].removeprefix("/docs#problem-")

    def errors(self):
        return [(e.get("pointer") or e.get("parameter"), e["code"])
                for e in self.json().get("errors", [])]


class Server:
    """with Server("--behind-proxy") as server: server.get("/healthz")"""

    def __init__(self, *flags, listen="127.0.0.1", data=None, level="debug", store=None):
        self.flags, self.level = flags, level
        self.listen = listen if "/" in listen else f"{listen}:{free_port()}"
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="dss-api.")
        self.store = store or f"sqlite:{self.data}"
        self.log_path = os.path.join(self.data, "api.log")
        self.token = None

    def make_identities(self):
        """Name -> secret: a key for each role and for each way to be refused; and `link`."""
        made = subprocess.run([os.path.join(BUILD, "tests/services/identities"), self.store],
                              stdout=subprocess.PIPE, check=True)
        self.secrets = dict(line.split() for line in made.stdout.decode().splitlines())
        self.token = self.secrets["admin"]

    def __enter__(self):
        if not os.path.exists(os.path.join(self.data, "dss.db")):
            self.make_identities()
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [DSS, "api", "--data", self.data, "--store", self.store, "--listen", self.listen, "--log-level", self.level,
             "--log-format", "json", *self.flags],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.url = self.wait_for("api.listening")["url"]
        if self.url.startswith("http"):
            host, port = self.url.split("//")[1].rsplit(":", 1)
            self.address = (host.strip("[]"), int(port))
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        text = open(self.log_path, encoding="utf-8", errors="replace").read()
        if "Sanitizer" in text or "runtime error" in text or self.process.returncode != 0:
            print(text[-6000:])
            print(f"dss api ended with {self.process.returncode}")
            self.is_broken = True
        if self.own_data:
            shutil.rmtree(self.data)

    is_broken = False

    def lines(self):
        for line in open(self.log_path, encoding="utf-8", errors="replace"):
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def wait_for(self, event):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            for line in self.lines():
                if line.get("event") == event:
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        sys.exit("dss api does not start:\n" + open(self.log_path, errors="replace").read())

    def connect(self, timeout=20):
        return socket.create_connection(self.address, timeout)

    def ask(self, method, path, body=None, headers=None, connection=None, **named):
        """One request. A body that is no bytes goes as JSON."""
        all_headers = dict(headers or {})
        if self.token and "Authorization" not in all_headers:
            all_headers["Authorization"] = "Bearer " + self.token
        all_headers.update({name.replace("_", "-"): value for name, value in named.items()})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            all_headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        own = connection is None
        connection = connection or http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request(method, path, body, {k: v for k, v in all_headers.items()
                                                    if v is not None})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            if own:
                connection.close()

    def get(self, path, **named):
        return self.ask("GET", path, **named)

    def raw(self, octets, timeout=10):
        """Send octets, read to the end of the connection or the time-out."""
        with self.connect(timeout) as stream:
            stream.sendall(octets)
            got = b""
            try:
                while chunk := stream.recv(65536):
                    got += chunk
            except (socket.timeout, ConnectionResetError):
                pass
            return got
