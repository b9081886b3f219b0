# SPDX-License-Identifier: Apache-2.0
"""Slow clients: headers that drip, bodies that drip, silence, answers that are not read; limits."""
import resource
import socket
import sys
import threading
import time

from server import Cases, Server

CLIENTS = 100
CROWD, TURNS = 1000, 15
CUT_SECONDS = 9  # 5 s allowed, a sweep a second, and a slow machine
cases = Cases()


def is_closed(stream):
    """Has the server shut the connection down? An answer may come before its end."""
    stream.settimeout(0.05)
    try:
        while stream.recv(65536):
            pass
        return True
    except (socket.timeout, BlockingIOError):
        return False
    except OSError:
        return True


def drip(server, first, each, name):
    """Each client sends `first`, then `each` every half second; all must be shut down in time."""
    streams = [server.connect() for _ in range(CLIENTS)]
    for stream in streams:
        stream.sendall(first)
    until, begun = time.monotonic() + CUT_SECONDS, time.monotonic()
    left, answered = list(streams), []
    while left and time.monotonic() < until:
        for stream in list(left):
            try:
                if each:
                    stream.sendall(each)
            except OSError:
                left.remove(stream)
        left = [stream for stream in left if not is_closed(stream)]
        answered.append(server.get("/healthz").status)
        time.sleep(0.5)
    cases.same(f"{name}: all {CLIENTS} are shut down", 0, len(left))
    cases.true(f"{name}: not before 4 s", time.monotonic() - begun > 4)
    cases.same(f"{name}: others are answered meanwhile", {200}, set(answered))
    for stream in streams:
        stream.close()


class Slow:
    """A client of one of the four modes that holds its connection as long as it is let, and then comes again."""

    MODES = ((b"", b""),  # silence
             (b"GET /healthz HTTP/1.1\r\n", b"X-a: b\r\n"),  # headers that drip
             (b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              b"Content-Length: 1000\r\n\r\n", b"1"),  # a body that drips
             (b"GET /api/v1/checks HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n" * 40, b""))  # reads nothing

    def __init__(self, server, number):
        self.server, (self.first, self.each) = server, self.MODES[number % len(self.MODES)]
        self.stream, self.held = None, 0
        self.come()

    def come(self):
        self.stream = socket.socket()
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.stream.settimeout(20)
        self.stream.connect(self.server.address)
        self.stream.sendall(self.first)

    def go_on(self):
        """Is it still held? One that was cut off comes again."""
        try:
            if self.each:
                self.stream.sendall(self.each)
            self.stream.setblocking(False)
            is_held = bool(self.stream.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            is_held = True
        except OSError:
            is_held = False
        self.stream.settimeout(20)
        if not is_held:
            self.stream.close()
            self.come()
        return is_held


def crowd(server):
    """A good client beside a thousand slow ones, in four modes: each of its requests is answered, and right."""
    slow = [Slow(server, number) for number in range(CROWD)]
    held, wrong = [], []
    for turn in range(TURNS):
        name = f"good-{turn}.example"
        for method, path, body, wanted in (("GET", "/healthz", None, 200), ("POST", "/api/v1/domains", {"name": name}, 201),
                                           ("GET", f"/api/v1/domains/{name}", None, 200),
                                           ("GET", "/api/v1/checks?limit=50", None, 200)):
            answer = server.ask(method, path, body)
            if answer.status != wanted:
                wrong.append((method, path, answer.status))
        held.append(sum([client.go_on() for client in slow]))
    cases.same(f"{4 * TURNS} good requests beside {CROWD} slow clients: wrong answers", [], wrong[:5])
    cases.true("they held their connections meanwhile", sum(held) > TURNS * CROWD / 10, held)
    for client in slow:
        client.stream.close()


def slow_readers(server):
    """Clients that ask for much and read nothing are shut down; one that reads slowly is not."""
    wanted = b"GET /api/v1/checks HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n" * 200
    streams = []
    for _ in range(20):
        stream = socket.socket()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stream.settimeout(5)
        stream.connect(server.address)
        stream.sendall(wanted[:8000])
        streams.append(stream)
    time.sleep(28)
    gone = sum(1 for stream in streams if is_reset(stream))
    cases.same("readers that do not read are shut down", len(streams), gone)
    for stream in streams:
        stream.close()


def is_reset(stream):
    """What the kernel still has may be read; then the connection ends long before all is there."""
    got = 0
    stream.settimeout(1)
    try:
        while chunk := stream.recv(65536):
            got += len(chunk)
    except socket.timeout:
        return False
    except OSError:
        return True
    return got < 2_000_000


def pipelined(server):
    """A second request that drips on a connection that was answered before."""
    stream = server.connect()
    stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    stream.recv(65536)
    until = time.monotonic() + CUT_SECONDS
    is_cut = False
    while not is_cut and time.monotonic() < until:
        try:
            stream.sendall(b"G" if time.monotonic() < until - CUT_SECONDS + 0.3 else b"E")
        except OSError:
            break
        time.sleep(0.5)
        is_cut = is_closed(stream)
    cases.true("a second request that drips is shut down", is_cut)


def huge(server, head):
    """100 MB in chunks: the status, or that the connection was cut off."""
    chunk = b"%x\r\n%s\r\n" % (1000000, b"x" * 1000000)
    with server.connect(20) as stream:
        try:
            stream.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(100):
                stream.sendall(chunk)
            stream.sendall(b"0\r\n\r\n")
            return stream.recv(65536).split(b" ")[1]
        except OSError:
            return b"cut off"


def limits(server):
    head = b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = server.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" +
                        b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(100)) + b"\r\n")
    cases.true("100 kB of headers", answer.split(b" ")[1:2] in ([b"431"], [b"413"]), answer[:80])
    answer = server.raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    cases.same("9,000 characters of target", b"414", answer.split(b" ")[1])
    domains = (b"POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               b"Authorization: Bearer " + server.token.encode() + b"\r\n")
    answer = server.raw(domains + b"Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n")
    cases.same("100 MB announced", b"413", answer.split(b" ")[1])
    cases.true("100 MB in chunks", huge(server, domains) in (b"413", b"cut off"))
    answer = server.raw(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    cases.same("no Host", b"400", answer.split(b" ")[1])
    answer = server.raw(b"GET http://x/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    cases.same("an absolute target", b"200", answer.split(b" ")[1])
    answer = server.raw(head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    cases.true("two lengths", answer.split(b" ")[1:2] == [b"400"] or not answer, answer[:80])
    for name, octets in (("no HTTP", b"\x16\x03\x01\x00\x01"), ("spaces", b"GET  / \r\n\r\n"),
                         ("NUL", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n")):
        answer = server.raw(octets + b"\r\n\r\n", timeout=8)
        cases.true(name, not answer or answer.split(b" ")[1:2] in ([b"400"], [b"404"]), answer[:80])
    cases.same("after all of it", 200, server.get("/healthz").status)


resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) +
                   resource.getrlimit(resource.RLIMIT_NOFILE)[1:])
with Server("--request-rate", "0") as server:
    limits(server)
    crowd(server)
    threads = [threading.Thread(target=slow_readers, args=[server]),
               threading.Thread(target=pipelined, args=[server])]
    for thread in threads:
        thread.start()
    drip(server, b"GET /healthz HTTP/1.1\r\n", b"X-a: b\r\n", "headers that drip")
    drip(server, b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 1000\r\n\r\n", b"1", "bodies that drip")
    drip(server, b"", b"", "silence")
    drip(server, b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
         b"1\r\nx\r\n", "chunks that drip")
    for thread in threads:
        thread.join()
    shown = server.get("/metrics").body.decode()
    cut = next(float(line.split()[1]) for line in shown.splitlines()
               if line.startswith("dss_api_slow_connections "))
    cases.true("counted", cut >= 4 * CLIENTS, cut)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
