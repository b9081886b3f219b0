# SPDX-License-Identifier: Apache-2.0
"""Webhooks as receivers get them, and receivers that misbehave. Ends with `N passed, N failed`."""
import base64
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from counted import check, end  # noqa: E402
from sender import Sender  # noqa: E402
from standardwebhooks.webhooks import Webhook, WebhookVerificationError  # noqa: E402

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
BODY = json.dumps({"type": "test", "data": {"text": "hello \u202e <script>"}})
LOCAL = ["127.0.0.0/8", "::1/128"]


class Receiver:
    """Takes connections and gives each request to `answer`, which writes what it likes."""

    def __init__(self, answer, address="127.0.0.1"):
        self.answer, self.requests, self.connections = answer, [], 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, 0))
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
            data = b""
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


def main():
    sender = Sender(allow_networks=LOCAL)
    signed(sender)
    statuses(sender)
    check("it leaves when told so", sender.close() == 0, sender.words)
    check("it says nothing of its own", not sender.words, sender.words)
    return end()


sys.exit(main())
