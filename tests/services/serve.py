#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does dss serve run its roles, bring back what dies, follow its configuration, and end cleanly?"""
import collections
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import counted  # noqa: E402
from counted import check  # noqa: E402
from ports import free_port  # noqa: E402

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ["DSS_BUILD"])
DSS = os.path.join(BUILD, "src", "main", "dss")
WAIT_S = 30

def until(condition, what, seconds=WAIT_S):
    return counted.until(condition, what, seconds)


def is_alive(pid):
    """A zombie that nobody has reaped yet is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Server:
    """A dss serve with its log."""

    def __init__(self, folder, *words, port=None, config="/dev/null", **environment):
        self.port = port or free_port()
        self.log_path = os.path.join(folder, f"log.{self.port}.{time.monotonic_ns()}")
        self.log = open(self.log_path, "w+b")
        self.out_path = self.log_path + ".out"
        self.out = open(self.out_path, "w+b")
        words = ("-c", config, "--data", os.path.join(folder, "data"), *words)
        if port is None and config == "/dev/null":
            words += ("--listen", f"127.0.0.1:{self.port}")
        self.process = subprocess.Popen(
            [DSS, "serve", *words], stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.log,
            env={"PATH": os.environ["PATH"], "HOME": folder, **environment})

    def events(self, event_name=None, **fields):
        with open(self.log_path, encoding="utf-8") as lines:
            found = []
            for line in lines:
                if not line.startswith("{") or not line.endswith("\n"):
                    continue
                event = json.loads(line)
                if (event_name is None or event["event"] == event_name) and \
                        all(event.get(key) == value for key, value in fields.items()):
                    found.append(event)
            return found

    def await_event(self, event_name, count=1, **fields):
        def enough():
            if self.process.poll() is not None and len(self.events(event_name, **fields)) < count:
                raise TimeoutError(f"{event_name}: it ended with {self.process.returncode}:\n" + self.said())
            return len(self.events(event_name, **fields)) >= count
        until(enough, f"{event_name} {fields}")
        return self.events(event_name, **fields)[count - 1]

    def get(self, path, port=None):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def said(self):
        with open(self.log_path, encoding="utf-8") as text:
            return text.read()

    def end(self, number=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextlib.contextmanager
def serving(folder, *words, **settings):
    server = Server(folder, *words, **settings)
    try:
        yield server
    finally:
        server.end()
        server.log.close()
        server.out.close()


def pid_of(server, role):
    return server.events("role.started", name=role)[-1]["pid"]


def roles_of(server):
    return sorted({event["name"] for event in server.events("role.started")})


def test_start_lines(folder):
    with serving(folder) as server:
        server.await_event("serve.ready")
        with open(server.out_path, encoding="utf-8") as out:
            lines = out.read().splitlines()
        check("first line", lines[:1] and lines[0].split() ==
              ["data", "~/data", "(SQLite,", "new)", "queue", "embedded,", "durable"], lines)
        check("second line", len(lines) > 1 and lines[1].split() ==
              ["api", f"http://127.0.0.1:{server.port}/api/v1", "docs",
               f"http://127.0.0.1:{server.port}/docs"], lines)
        check("ready when it says so", server.get("/readyz") == 200)
        check("the folder is private", os.stat(os.path.join(folder, "data")).st_mode & 0o077 == 0)
        roles = [pid_of(server, role) for role in roles_of(server)]
        check("SIGTERM: exit code", server.end() == 0, server.said())
        check("SIGTERM: roles are gone", not any(is_alive(pid) for pid in roles))
        check("SIGTERM: each ended by itself", all(
            event.get("code") == 0 for event in server.events("role.ended")), server.said())
    with serving(folder) as server:
        server.await_event("serve.ready")
        with open(server.out_path, encoding="utf-8") as out:
            check("not new any more", "(SQLite)" in out.read())
        check("SIGINT: exit code", server.end(signal.SIGINT) == 0)


def test_kill(folder):
    with serving(folder) as server:
        server.await_event("serve.ready")
        for role in roles_of(server):
            others = {name: pid_of(server, name) for name in roles_of(server) if name != role}
            for round_ in range(2):
                pid = pid_of(server, role)
                os.kill(pid, signal.SIGKILL)
                server.await_event("role.ready", name=role, count=round_ + 2)
                check(f"{role} runs again", pid_of(server, role) != pid)
            check(f"{role}: the others go on",
                  all(is_alive(pid) and pid_of(server, name) == pid for name, pid in others.items()),
                  server.said())
        check("it answers again", server.get("/readyz") == 200)


def test_parent_killed(folder):
    with serving(folder) as server:
        server.await_event("serve.ready")
        roles = [pid_of(server, role) for role in roles_of(server)]
        check("there are roles", all(is_alive(pid) for pid in roles))
        server.end(signal.SIGKILL)
        until(lambda: not any(is_alive(pid) for pid in roles), "roles outlive dss serve")
        check("roles die with it", True)
    with serving(folder) as server:
        check("its folder can be served again", bool(server.await_event("serve.ready")))


def test_port_let_go(folder):
    """The roles of a server that was killed let go of its port a moment after it."""
    with socket.socket() as old:
        old.bind(("127.0.0.1", 0))
        old.listen()
        config = os.path.join(folder, "dss.yaml")
        write(config, f"server:\n  listen: 127.0.0.1:{old.getsockname()[1]}\n")
        with serving(folder, config=config, port=old.getsockname()[1]) as server:
            time.sleep(0.5)
            check("it waits for the port", server.process.poll() is None, server.said())
            old.close()
            check("and serves when it is free", bool(server.await_event("serve.ready")))


def test_second_server(folder):
    with serving(folder) as server:
        server.await_event("serve.ready")
        with serving(folder) as second:
            check("second server: exit code", second.process.wait(WAIT_S) == 5)
            check("second server: who holds it",
                  f"is served already: pid {server.process.pid} since " in second.said() and
                  f" at 127.0.0.1:{server.port}" in second.said(), second.said())
        check("the first goes on", server.get("/readyz") == 200)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def test_hangup(folder):
    config, first, second = os.path.join(folder, "dss.yaml"), free_port(), free_port()
    write(config, f"server:\n  listen: 127.0.0.1:{first}\n")
    with serving(folder, config=config, port=first) as server:
        server.await_event("serve.ready")
        before = {role: pid_of(server, role) for role in roles_of(server)}
        for count, (text, reason) in enumerate((
                ("server:\n  lisen: 127.0.0.1:1\n", "did you mean server.listen?"),
                ("server:\n\tlisten: 127.0.0.1:1\n", "this is not YAML"),
                ("data: /elsewhere\n", "data changes with a restart")), 1):
            write(config, text)
            # --data is a flag: what the file says of it counts for nothing
            if "data" in text:
                write(config, f"server:\n  listen: 127.0.0.1:{first}\nstore:\n  url: sqlite:/elsewhere\n")
                reason = "store.url changes with a restart"
            server.process.send_signal(signal.SIGHUP)
            event = server.await_event("config.refused", count=count)
            check(f"refused: {reason}", reason in event["reason"], event)
        check("a refused one changes nothing", before == {
            role: pid_of(server, role) for role in before}, server.said())
        os.kill(before["api"], signal.SIGKILL)
        server.await_event("role.ready", name="api", count=2)
        check("what dies comes back with what was accepted", server.get("/readyz") == 200)

        # The same address: who connects while the API is started again waits for it.
        answers, stop = [], threading.Event()

        def ask():
            while not stop.is_set():
                answers.append(server.get("/readyz"))

        write(config, f"server:\n  listen: 127.0.0.1:{first}\n")
        asker = threading.Thread(target=ask)
        asker.start()
        try:
            server.process.send_signal(signal.SIGHUP)
            server.await_event("roll.done")
        finally:
            stop.set()
            asker.join()
        check("the API is reachable all the time", answers and set(answers) <= {200, 503}, collections.Counter(answers))
        check("and is ready in the end", server.get("/readyz") == 200)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            write(config, f"server:\n  listen: 127.0.0.1:{taken.getsockname()[1]}\n")
            server.process.send_signal(signal.SIGHUP)
            event = server.await_event("config.refused", count=4)
            check("an address in use is refused", "cannot listen on port" in event["reason"], event)

        write(config, f"server:\n  listen: 127.0.0.1:{second}\n")
        before = {role: pid_of(server, role) for role in before}
        server.process.send_signal(signal.SIGHUP)
        server.await_event("roll.done", count=2)
        after = {role: pid_of(server, role) for role in before}
        check("a right one restarts every role", all(before[role] != after[role] for role in before))
        check("the new address answers", server.get("/readyz", second) == 200)
        check("the old one does not", server.get("/readyz", first) is None)
        ended = server.events("role.ended")
        check("they were drained", all(event.get("code") == 0 for event in ended[1:]), ended)
        check("it ends as ever", server.end() == 0)


def test_refused_settings(folder):
    with serving(folder, "--listen", "192.0.2.1:80", port=80) as server:
        check("refused settings: exit code", server.process.wait(WAIT_S) == 2, server.said())
    with serving(folder, "--store", "sqlite:/proc/nothing") as server:
        check("a store that cannot be: exit code", server.process.wait(WAIT_S) == 5, server.said())
    os.makedirs(os.path.join(folder, "newer"))
    with serving(folder, "extra") as server:
        check("words: exit code", server.process.wait(WAIT_S) == 2)


def test_notify(folder):
    path = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(WAIT_S)
        with serving(folder, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000") as server:
            said = []
            while "READY=1" not in said or said.count("WATCHDOG=1") < 3:
                said.append(manager.recv(100).decode())
            check("READY=1 after the API answers", server.get("/readyz") == 200)
            server.end()
            with contextlib.suppress(TimeoutError):
                manager.settimeout(1)
                while "STOPPING=1" not in said:
                    said.append(manager.recv(100).decode())
            check("STOPPING=1", "STOPPING=1" in said, said)
            environment = server.events("role.started")
            check("it was served", bool(environment))


def test_unix_socket(folder):
    path = os.path.join(folder, "api.sock")
    with serving(folder, "--listen", f"unix:{path}", port=1) as server:
        server.await_event("serve.ready")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            check("it answers on a unix socket", client.recv(100).startswith(b"HTTP/1.1 200 "))


def test_tls(folder):
    key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    with serving(folder, "--tls-certificate", certificate, "--tls-key", key) as server:
        server.await_event("serve.ready")
        trusted = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/readyz", timeout=5, context=trusted) as answer:
            check("ready over TLS when it says so", answer.status == 200)


def main():
    for test in (test_start_lines, test_kill, test_parent_killed, test_port_let_go, test_second_server, test_hangup,
                 test_refused_settings, test_notify, test_unix_socket, test_tls):
        with tempfile.TemporaryDirectory(prefix="dss-serve.") as folder:
            try:
                test(folder)
            except (TimeoutError, OSError, IndexError, KeyError) as error:
                check(test.__name__, False, repr(error))
    return counted.end()


sys.exit(main())
