# SPDX-License-Identifier: Apache-2.0
"""Webhooks as receivers get them, and receivers that misbehave. Ends with `N passed, N failed`."""
import base64
import glob
import gzip
import json
import os
import secrets
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "rabbitmq")]
from broker import make_certificate  # noqa: E402
from counted import check, end  # noqa: E402
from inside import INSIDE  # noqa: E402
from sender import Sender  # noqa: E402
from standardwebhooks.webhooks import Webhook, WebhookVerificationError  # noqa: E402

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
BODY = json.dumps({"type": "test", "data": {"text": "hello \u202e <script>"}})
LOCAL = ["127.0.0.0/8", "::1/128"]


class Receiver:
    """Takes connections and gives each request to `answer`, which writes what it likes."""

    def __init__(self, answer, address="127.0.0.1", port=0, context=None):
        self.answer, self.requests, self.connections, self.context = answer, [], 0, context
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.listener.bind((address, port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        host = f"[{address}]" if ":" in address else address
        self.url = f"http://{host}:{self.port}/hook?token=canary-url"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            data = b""
            if not self.answer:
                connection.sendall(b"HTTP/1.1 400 Word\r\n\r\n")
                return
            while True:
                while b"\r\n\r\n" not in data:
                    part = connection.recv(65536)
                    if not part:
                        return
                    data += part
                head, _, data = data.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in
                           (line.partition(":") for line in lines[1:])}
                size = int(headers.get("content-length", "0"))
                while len(data) < size:
                    data += connection.recv(65536)
                self.requests.append((lines[0], headers, data[:size]))
                data = data[size:]
                if not self.answer(connection, self.requests[-1]):
                    connection.close()
                    return
        except OSError:
            return


def says(status, body=b"ok", *headers, keeps=True):
    def answer(connection, _):
        lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", *headers]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return keeps
    return answer


def verifies(secret, request):
    try:
        return Webhook(secret).verify(request[2], request[1]) == json.loads(BODY)
    except WebhookVerificationError:
        return False


def signed(sender):
    receiver = Receiver(says(200))
    for n in range(3):
        result = sender.send(url=receiver.url, body=BODY, message_id="dlv_1", secrets=[NEW, OLD])
        check(f"delivered {n}", result["outcome"] == "delivered" and result["status"] == 200, result)
    check("over one connection", receiver.connections == 1, receiver.connections)
    for secret in OLD, NEW:
        check("verified with each secret", all(verifies(secret, r) for r in receiver.requests))
    request = receiver.requests[0]
    check("POST with its query", request[0] == "POST /hook?token=canary-url HTTP/1.1", request[0])
    check("is JSON", request[1]["content-type"] == "application/json")
    check("the id stays", {r[1]["webhook-id"] for r in receiver.requests} == {"dlv_1"})
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    check("not verified with another secret", not verifies(other, request))
    spoilt = (request[0], request[1], request[2].replace(b"hello", b"hullo"))
    check("not verified when changed", not verifies(NEW, spoilt))
    for name, value in (("webhook-id", "dlv_2"), ("webhook-timestamp", str(int(time.time()) - 10)),
                        ("webhook-timestamp", str(int(time.time()) - 301)),
                        ("webhook-timestamp", str(int(time.time()) + 301)),
                        ("webhook-timestamp", "x"), ("webhook-timestamp", ""), ("webhook-id", ""),
                        ("webhook-signature", ""), ("webhook-signature", "v1,AAAA"),
                        ("webhook-signature", request[1]["webhook-signature"].replace("v1,", "v2,"))):
        changed = (request[0], dict(request[1], **{name: value}), request[2])
        check(f"not verified with {name} {value!r}", not verifies(NEW, changed))
    first = request[1]["webhook-signature"].split(" ")[0]
    check("verified by one of many", verifies(NEW, (request[0], dict(
        request[1], **{"webhook-signature": "v1,AAAA v2,BBBB " + first}), request[2])))
    result = sender.send(url=receiver.url, body=b"a=1", media_type="text/plain", headers=["X-Token: abc"])
    request = receiver.requests[-1]
    check("unsigned without a secret", result["outcome"] == "delivered" and
          "webhook-signature" not in request[1] and request[1]["x-token"] == "abc" and
          request[1]["content-type"] == "text/plain", request)


def statuses(sender):
    for status, headers, outcome, wait in (
            (204, [], "delivered", 0), (202, [], "delivered", 0), (400, [], "failed", 0),
            (410, [], "failed", 0), (429, ["Retry-After: 120"], "failed", 120),
            (429, ["Retry-After: 999999"], "failed", 86400), (429, ["Retry-After: soon"], "failed", 0),
            (500, [], "failed", 0), (503, ["Retry-After: 7"], "failed", 7), (599, [], "failed", 0)):
        receiver = Receiver(says(status, b"" if status == 204 else b"word", *headers))
        result = sender.send(url=receiver.url, body=BODY)
        check(f"status {status} {headers}", (result["outcome"], result["status"], result["retry_after_s"]) ==
              (outcome, status, wait), result)
    decoy = Receiver(says(200))
    for status in 301, 302, 303, 307, 308:
        receiver = Receiver(says(status, b"", f"Location: {decoy.url}"))
        result = sender.send(url=receiver.url, body=BODY)
        check(f"redirect {status} is a failure", result["outcome"] == "failed" and
              result["status"] == status and "not followed" in result["error"], result)
        check("its target is not told", "canary-url" not in str(result), result)
    check("no redirect was followed", decoy.connections == 0)


# ---- receivers that misbehave ----

def silent(connection, _):
    connection.settimeout(60)
    connection.recv(1)
    return False


def drips(data, pause):
    def answer(connection, _):
        for n in range(len(data)):
            connection.sendall(data[n:n + 1])
            time.sleep(pause)
        return False
    return answer


def says_raw(data):
    def answer(connection, _):
        connection.sendall(data)
        return False
    return answer


def resets(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def misbehaving(sender):
    ok = b"HTTP/1.1 200 OK\r\n"
    before = memory_kib(sender.process.pid)
    for name, answer, outcome, status, words in (
            ("hangs", silent, "failed", 0, "in time"),
            ("drips its head", drips(ok + b"Content-Length: 2\r\n\r\nok", 0.05), "failed", 200, "in time"),
            ("drips before its head", drips(ok, 1), "failed", 0, "in time"),
            ("drips its body", drips(ok + b"Content-Length: 9000\r\n\r\n" + b"x" * 9000, 0.05), "failed", 200, "in time"),
            ("closes", says_raw(b""), "failed", 0, "closed"),
            ("resets", resets, "failed", 0, "closed"),
            ("closes amid the body", says_raw(ok + b"Content-Length: 100\r\n\r\nabc"), "failed", 200, "closed"),
            ("garbage", says_raw(bytes(range(256)) * 40), "failed", 0, "not HTTP"),
            ("HTTP/0.9", says_raw(b"hello\r\n"), "failed", 0, "not HTTP"),
            ("another protocol", says_raw(b"220 mail.example ESMTP\r\n"), "failed", 0, "not HTTP"),
            ("endless headers", says_raw(ok + b"X: y\r\n" * 200000), "failed", 200, "headers"),
            ("a header line of 1 MB", says_raw(ok + b"X: " + b"y" * 1000000 + b"\r\n\r\n"), "failed", 200, ""),
            ("many informational answers", says_raw(b"HTTP/1.1 103 Early\r\nX: y\r\n\r\n" * 5000 + ok + b"\r\n"),
             "failed", 103, "headers"),
            ("10 MB", says_raw(ok + b"Content-Length: 10000000\r\n\r\n" + b"z" * 10000000), "delivered", 200, ""),
            ("10 MB without length", says_raw(ok + b"\r\n" + b"z" * 10000000), "delivered", 200, ""),
            ("10 MB of 500", says_raw(b"HTTP/1.1 500 Oh\r\n\r\n" + b"z" * 10000000), "failed", 500, "500"),
            ("a gzip bomb", says_raw(ok + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(50000000))),
             "delivered", 200, ""),
            ("broken gzip", says_raw(ok + b"Content-Encoding: gzip\r\n\r\nno gzip at all"), "failed", 200, ""),
            ("chunks that are none", says_raw(ok + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "failed", 200, ""),
            ("two lengths", says_raw(ok + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nokx"), None, None, ""),
            ("a length that is none", says_raw(ok + b"Content-Length: -1\r\n\r\nok"), None, None, ""),
            ("status 999", says_raw(b"HTTP/1.1 999 Word\r\n\r\n"), "failed", 0, ""),
            ("status 99", says_raw(b"HTTP/1.1 99 Word\r\n\r\n"), "failed", 0, ""),
            ("escapes", says_raw(ok + b"X-A: \x1b[2J\r\n\r\n\x1b]0;x\x07\xff"), "delivered", 200, "")):
        receiver = Receiver(answer)
        result = sender.send(url=receiver.url, body=BODY, timeout_ms=1500)
        check(f"a receiver that answers {name}", (outcome is None or (result["outcome"], result["status"]) == (
            outcome, status)) and words in result["error"], dict(result, reply=result["reply"][:60]))
        check(f"little of {name} is kept", len(result["reply"]) <= 4096 and len(result["transcript"]) <= 48 and
              all(len(line.encode("utf-8", "replace")) <= 3 * 256 for line in result["transcript"]))
        check(f"{name} within its time", result["elapsed_us"] < 4000000, result["elapsed_us"])
    grown = memory_kib(sender.process.pid) - before
    check("no memory is lost to them", grown < 60000, f"{grown} KiB")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    result = sender.send(url=f"http://127.0.0.1:{listener.getsockname()[1]}/", body=BODY)
    check("nobody listens", result["outcome"] == "failed" and "refuses" in result["error"], result)
    receiver = Receiver(silent)
    result = sender.send(url=receiver.url, body=b"x" * 1000000, timeout_ms=1500)
    check("1 MB to one that does not answer", result["outcome"] == "failed", result)


def tls(folder):
    make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    receiver = Receiver(says(200), context=context)
    ours = Sender(allow_networks=LOCAL, ca_file=os.path.join(folder, "ca.pem"))
    url = receiver.url.replace("http://127.0.0.1", "https://localhost")
    for n in range(2):
        result = ours.send(url=url, body=BODY)
        check(f"over TLS {n}", result["outcome"] == "delivered", result)
    check("over one connection of TLS", receiver.connections == 1, receiver.connections)
    result = ours.send(url=url.replace("localhost", "127.0.0.1"), body=BODY)
    check("a certificate of another name", result["outcome"] == "failed" and "TLS" in result["error"], result)
    result = ours.send(url=Receiver(None).url.replace("http:", "https:"), body=BODY)
    check("no TLS there", result["outcome"] == "failed" and "TLS" in result["error"], result)
    check("it leaves", ours.close() == 0 and not ours.words, ours.words)
    others = Sender(allow_networks=LOCAL)
    count = len(receiver.requests)
    result = others.send(url=url, body=BODY)
    check("a certificate of nobody", result["outcome"] == "failed" and "TLS" in result["error"], result)
    check("nothing was sent to it", len(receiver.requests) == count)
    check("it leaves", others.close() == 0 and not others.words, others.words)


def others_are_not_held_up(sender):
    hanging, good = Receiver(silent), Receiver(says(200))
    waiting = [sender.deliver(url=hanging.url, body=BODY, timeout_ms=3000) for _ in range(40)]
    began = time.monotonic()
    results = [sender.send(url=good.url, body=BODY) for _ in range(20)]
    check("a receiver that hangs holds up no other", time.monotonic() - began < 2.5 and
          all(result["outcome"] == "delivered" for result in results), time.monotonic() - began)
    check("few at once at one receiver", hanging.connections <= 4, hanging.connections)
    for number in waiting[:8]:
        result = sender.wait(number)
        check("time runs from its turn", 2500000 < result["elapsed_us"] < 5000000, result)
    for number in waiting[8:]:
        sender.wait(number, 60)


def half_open(sender):
    """The receiver's machine is gone, and nobody says so."""
    receiver = Receiver(says(200))
    check("before", sender.send(url=receiver.url, body=BODY)["outcome"] == "delivered")
    rules = ("table inet gone {\n chain arriving {\n  type filter hook input priority 0;\n"
             f"  tcp dport {receiver.port} drop\n }}\n}}\n")
    subprocess.run(["nft", "-f", "-"], input=rules.encode(), check=True)
    began = time.monotonic()
    result = sender.send(url=receiver.url, body=BODY)
    check("a half-open connection is noticed in time", result["outcome"] == "failed" and
          time.monotonic() - began < 16.5, (time.monotonic() - began, result))
    subprocess.run(["nft", "delete", "table", "inet", "gone"], check=True)
    began = time.monotonic()
    result = sender.send(url=receiver.url, body=BODY)
    check("and it comes again", result["outcome"] == "delivered" and time.monotonic() - began < 5, result)


# ---- inside ----

class Names:
    """A resolver to which every name is an address inside."""
    ANSWERS = [("A", "127.0.0.1"), ("A", "10.0.0.1"), ("A", "169.254.169.254"), ("AAAA", "::1"),
               ("AAAA", "::ffff:127.0.0.1"), ("AAAA", "fd00::1"), ("AAAA", "64:ff9b::7f00:1")]

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.asked = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            packet, client = self.socket.recvfrom(4096)
            self.asked += 1
            at = 12
            while packet[at]:
                at += packet[at] + 1
            question, kind = packet[12:at + 5], packet[at + 2]
            records = b""
            wanted = [(t, a) for t, a in self.ANSWERS if {"A": 1, "AAAA": 28}[t] == kind]
            for word, address in wanted:
                data = socket.inet_pton(socket.AF_INET if word == "A" else socket.AF_INET6, address)
                records += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
            self.socket.sendto(packet[:2] + struct.pack(">HHHHH", 0x8180, 1, len(wanted), 0, 0) +
                               question + records, client)


def inside():
    for address in "10.0.0.1/32", "192.168.1.1/32", "169.254.169.254/32":
        subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
    subprocess.run(["ip", "-6", "address", "add", "fd00::1/128", "dev", "lo"], check=True)
    decoys = [Receiver(says(200), address, port) for address in ("0.0.0.0", "::") for port in (80, 443, 8080, 25, 587)]
    names = Names()
    sender = Sender(resolvers=[names.address], ignores_hosts=True)
    urls = [f"{scheme}://{host}{port}/" for host in INSIDE + ["inside.example", "metadata.google.internal", "localhost"]
            for scheme in ("http", "https") for port in ("", ":8080")]
    urls += [f"{scheme}://inside.example/" for scheme in ("ftp", "file", "gopher", "smtp", "ldap", "dict", "tftp")]
    urls += ["file:///etc/passwd", "//127.0.0.1/", "http:127.0.0.1", "", " http://127.0.0.1/", "http://\r\n127.0.0.1/"]
    numbers = {url: sender.deliver(url=url, body=BODY) for url in urls}
    for url, number in numbers.items():
        result = sender.wait(number)
        check(f"refused: {url!r}", result["outcome"] in ("refused", "failed") and not result["status"], result)
        check(f"by the policy or as no URL: {url!r}", result["outcome"] == "refused" or
              "no address" in result["error"] or "resolve" in result["error"], result)
    for host in INSIDE + ["inside.example"]:
        result = sender.send(transport="smtp", host=host, tls="none", port=25, mail_from="a@example.org",
                             mail_to=["b@example.org"], body=b"x\r\n")
        check(f"no mail goes to {host!r}", result["outcome"] != "delivered" and not result["status"], result)
    check("names were asked for", names.asked > 10, names.asked)
    check("the decoys are untouched", not any(decoy.connections for decoy in decoys),
          [decoy.connections for decoy in decoys])
    check("it leaves", sender.close() == 0 and not sender.words, sender.words)
    allowed = Sender(resolvers=[names.address], ignores_hosts=True, allow_networks=["10.0.0.0/8"])
    result = allowed.send(url="http://inside.example:8080/", body=BODY)
    check("a network that is allowed is sent to", result["outcome"] == "delivered", result)
    check("and no other", sum(decoy.connections for decoy in decoys) == 1)
    check("it leaves", allowed.close() == 0 and not allowed.words, allowed.words)
    for decoy in decoys:
        decoy.listener.close()


# ---- secrets ----

CANARY = "canary-" + secrets.token_hex(8)


def every_process(name):
    texts = b""
    for path in glob.glob(f"/proc/[0-9]*/{name}"):
        try:
            with open(path, "rb") as file:
                texts += file.read() + b"\n"
        except OSError:
            pass
    return texts


def secrets_stay():
    hanging, good = Receiver(silent), Receiver(says(200))
    refusing = Receiver(says(403, b"no"))
    sender = Sender(allow_networks=LOCAL)
    secret = "whsec_" + base64.b64encode(CANARY.encode() + b"x" * 8).decode()
    common = {"body": BODY, "message_id": "dlv_1", "secrets": [secret], "headers": [f"Authorization: Bearer {CANARY}"],
              "timeout_ms": 1500}
    numbers = [sender.deliver(url=receiver.url.replace("canary-url", CANARY), **common)
               for receiver in (hanging, good, refusing)]
    numbers += [sender.deliver(transport="smtp", host="127.0.0.1", port=good.port, user="user", password=CANARY,
                               mail_from="a@example.org", mail_to=["b@example.org"], body=b"x\r\n", timeout_ms=1500)]
    for _ in range(10):
        check("no secret in any command line", CANARY.encode() not in every_process("cmdline"))
        check("no secret in any environment", CANARY.encode() not in every_process("environ"))
        time.sleep(0.05)
    with open(f"/proc/{sender.process.pid}/limits", encoding="ascii") as limits:
        core = next(line for line in limits if line.startswith("Max core file size"))
    check("no core file can be written", core.split()[4:6] == ["0", "0"], core)
    results = [sender.wait(number) for number in numbers]
    told = str(results) + "".join(sender.words)
    check("no secret in what is told", CANARY not in told and secret not in told and
          base64.b64encode(CANARY.encode()).decode()[:20] not in told, told)
    check("they were used", any(CANARY in str(request) for request in good.requests))
    sender.process.send_signal(signal.SIGSEGV)
    sender.process.wait(10)
    check("no core file was written", not glob.glob("core*"))


def hostile_requests():
    """What dss would never ask for: refused, not sent."""
    receiver = Receiver(says(200))
    sender = Sender(allow_networks=LOCAL)
    for headers in (["X: a\r\nY: b"], ["X: a\nY: b"], ["X"], [": x"], ["X : y"], ["Host: other"], ["Content-Length: 1"],
                    ["Transfer-Encoding: chunked"], ["webhook-signature: v1,x"], ["Webhook-Id: x"], ["Expect: 100"],
                    ["X: \0"], ["X: " + "y" * 5000]):
        result = sender.send(url=receiver.url, body=BODY, headers=headers)
        check(f"header {headers[0][:30]!r}", result["outcome"] == "refused", result)
    for changes in ({"media_type": "a\r\nX: y"}, {"message_id": "a\r\nX: y"}, {"secrets": ["whsec_x"]}, {"secrets": ["x"]},
                    {"url": "http://user:password@127.0.0.1/"}, {"url": "ftp://127.0.0.1/"}):
        result = sender.send(**dict({"url": receiver.url, "body": BODY}, **changes))
        check(f"{changes}", result["outcome"] == "refused" and "password" not in str(result), result)
    check("nothing of it was sent", not receiver.requests, receiver.requests)
    check("it leaves", sender.close() == 0 and not sender.words, sender.words)
    for name, kind, body in (("a frame of no type", 99, b""), ("a body that is none", 2, b"\xff\xff\xff"),
                             ("a transport that is none", 2, b"\x04\x01\x08\x63")):
        sender = Sender(allow_networks=LOCAL)
        sender.frame(kind, 1, body)
        check(f"{name} ends it", sender.process.wait(10) == 5, sender.words)


def main():
    with tempfile.TemporaryDirectory() as folder:
        tls(folder)
    sender = Sender(allow_networks=LOCAL)
    signed(sender)
    statuses(sender)
    misbehaving(sender)
    others_are_not_held_up(sender)
    half_open(sender)
    check("it leaves when told so", sender.close() == 0, sender.words)
    check("it says nothing of its own", not sender.words, sender.words)
    inside()
    secrets_stay()
    hostile_requests()
    return end()


sys.exit(main())
