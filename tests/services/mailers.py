# SPDX-License-Identifier: Apache-2.0
"""Mail servers that misbehave: each mail ends as it should and in its time, and holds up no other. Ends with
`N passed, N failed`."""
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from counted import check, end  # noqa: E402
from sender import Sender  # noqa: E402

TAKES = {"": b"220 mail.example\r\n", "DATA": b"354 go on\r\n"}
REQUEST = {"transport": "smtp", "host": "127.0.0.1", "tls": "none", "mail_from": "a@example.org",
           "mail_to": ["b@example.org"], "body": b"Subject: x\r\n\r\n.dot\r\n..\r\nend\r\n", "timeout_ms": 2000}


class Server:
    """answers: word -> octets, None (it hangs) or what to do with the connection; "" greets, "." ends a mail."""

    def __init__(self, **answers):
        self.answers, self.texts = {**TAKES, **answers}, []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            lines, text = connection.makefile("rb"), None
            if not self._say(connection, ""):
                return
            for line in lines:
                word = line.split()[0].upper().decode("latin-1") if line.split() and text is None else ""
                if text is not None and line != b".\r\n":
                    text.append(line)
                    continue
                if text is not None:
                    self.texts.append(b"".join(text))
                    text, word = None, "."
                elif word == "DATA":
                    text = []
                if not self._say(connection, word):
                    return
        except OSError:
            pass

    def _say(self, connection, word):
        answer = self.answers.get(word, b"250 ok\r\n")
        if isinstance(answer, bytes):
            connection.sendall(answer)
            return True
        if answer:
            answer(connection)
        else:
            time.sleep(20)
        return False


def drips(connection):
    for _ in range(200):
        connection.sendall(b"2")
        time.sleep(0.1)


def floods(connection):
    for _ in range(2000):
        connection.sendall(b"250-x\r\n" * 1000)


def closes(connection):
    connection.shutdown(socket.SHUT_RDWR)


CASES = [
    ("takes it", {}, "delivered", 250), ("says nothing", {"": None}, "failed", 0),
    ("greets with 554", {"": b"554 no\r\n"}, "failed", 554), ("greets with 421", {"": b"421 busy\r\n"}, "failed", 421),
    ("hangs at EHLO", {"EHLO": None}, "failed", 0), ("drips at EHLO", {"EHLO": drips}, "failed", 0),
    ("hangs at MAIL", {"MAIL": None}, "failed", 0), ("drips at MAIL", {"MAIL": drips}, "failed", 0),
    ("451 at MAIL", {"MAIL": b"451 later\r\n"}, "failed", 451), ("452 at RCPT", {"RCPT": b"452 full\r\n"}, "failed", 452),
    ("closes at RCPT", {"RCPT": closes}, "failed", 0), ("closes at DATA", {"DATA": closes}, "failed", 0),
    ("250 at DATA", {"DATA": b"250 what\r\n"}, "failed", 0), ("554 at the end", {".": b"554 spam\r\n"}, "failed", 554),
    ("hangs at the end", {".": None}, "failed", 0), ("drips at the end", {".": drips}, "failed", 0),
    ("closes at the end", {".": closes}, "failed", 0),
    ("hangs at QUIT", {"QUIT": None}, "delivered", 250), ("drips at QUIT", {"QUIT": drips}, "delivered", 250),
    ("floods at EHLO", {"EHLO": floods}, "failed", 0), ("floods at MAIL", {"MAIL": floods}, "failed", 0),
    ("a line of 1 MB", {"MAIL": lambda c: c.sendall(b"250 " + b"x" * 1000000 + b"\r\n")}, "failed", 0),
    ("many lines", {".": b"250-a\r\n" * 20 + b"250 ok\r\n"}, "delivered", 250),
    ("garbage", {"": bytes(range(256)) * 8}, "failed", 0), ("garbage at MAIL", {"MAIL": bytes(range(256))}, "failed", 0),
    ("HTTP", {"": b"HTTP/1.1 400 Bad\r\n\r\n"}, "failed", 0)]


def main():
    sender, good = Sender(allow_networks=["127.0.0.0/8"]), Server()
    for name, answers, outcome, status in CASES:
        server = Server(**answers)
        began = time.monotonic()
        number = sender.deliver(**REQUEST, port=server.port)
        time.sleep(0.2)
        other = time.monotonic()
        result = sender.send(**REQUEST, port=good.port)
        check(f"{name}: another mail is not held up", result["outcome"] == "delivered" and
              time.monotonic() - other < 1, (time.monotonic() - other, result))
        result = sender.wait(number)
        check(f"{name}: {outcome} {status}", (result["outcome"], result["status"]) == (outcome, status), result)
        check(f"{name}: in its time", time.monotonic() - began < 4.5, result)
        if outcome == "delivered":
            check(f"{name}: dots are doubled", server.texts == [b"Subject: x\r\n\r\n..dot\r\n...\r\nend\r\n"],
                  server.texts)
    check("it leaves", sender.close() == 0 and not sender.words, sender.words)
    return end()


sys.exit(main())
