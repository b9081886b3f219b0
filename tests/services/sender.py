# SPDX-License-Identifier: Apache-2.0
"""A `dss-net sender` of our own, spoken to by its frames (src/children/sender_protocol.h)."""
import os
import socket
import struct
import subprocess
import threading

BUILD = os.environ.get("DSS_BUILD", "build/dev")
DSS_NET = next(path for path in (os.path.join(BUILD, "dss-net"), os.path.join(BUILD, "src/main/dss-net"))
               if os.path.exists(path))
PROTOCOL = 1
CONFIGURE, DELIVER, FINISH, READY, DELIVERED, LOG, FATAL = 1, 2, 3, 16, 17, 18, 19
TRANSPORTS, TLS, OUTCOMES = ["http", "smtp"], ["required", "implicit", "none"], ["delivered", "failed", "refused"]
# name -> (number, what); the order is the number's
CONFIGURATION = {"resolvers": 1, "allow_networks": 2, "ca_file": 3, "ignores_hosts": 4}
DELIVERY = {"number": 1, "transport": 2, "timeout_ms": 3, "body": 4, "url": 5, "media_type": 6,
            "headers": 7, "message_id": 8, "secrets": 9, "host": 10, "port": 11, "tls": 12, "user": 13,
            "password": 14, "helo": 15, "mail_from": 16, "mail_to": 17}
RESULT = {1: ("number", int), 2: ("outcome", int), 3: ("status", int), 4: ("reply", bytes),
          5: ("error", str), 6: ("transcript", list), 7: ("retry_after_s", int), 8: ("elapsed_us", "zigzag"),
          9: ("refused_recipients", int)}


def varint(value):
    out = bytearray()
    while True:
        out.append(value & 0x7f | (0x80 if value > 0x7f else 0))
        value >>= 7
        if not value:
            return bytes(out)


def encode(fields, values):
    """The compact form of src/base/desc.h."""
    out = b""
    for name, number in fields.items():
        value = values.get(name)
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, int) and item:
                out += varint(number << 2) + varint(int(item))
            elif isinstance(item, (str, bytes)) and item:
                data = item.encode() if isinstance(item, str) else item
                out += varint(number << 2 | 1) + varint(len(data)) + data
    return out


def decode(body):
    at, result = 0, {"outcome": 0, "status": 0, "reply": b"", "error": "", "transcript": [],
                     "retry_after_s": 0, "elapsed_us": 0, "refused_recipients": 0}

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte = body[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value
    while at < len(body):
        key = take()
        name, kind = RESULT[key >> 2]
        value = take()
        if key & 3:
            value, at = body[at:at + value], at + value
        if kind is list:
            result[name].append(value.decode("utf-8", "replace"))
        elif kind == "zigzag":
            result[name] = value >> 1 ^ -(value & 1)
        else:
            result[name] = value.decode("utf-8", "replace") if kind is str else value
    result["outcome"] = OUTCOMES[result["outcome"]]
    return result


class Sender:
    """sender.deliver(url=…, body=…) gives a number; sender.wait(number) what became of it."""

    def __init__(self, environment=None, **configuration):
        ours, its = socket.socketpair()
        self.socket, self.number, self.results, self.words = ours, 0, {}, []
        self.is_ready, self.changed = False, threading.Condition()

        def keep():
            os.dup2(its.fileno(), 3)
        self.process = subprocess.Popen([DSS_NET, "sender"], preexec_fn=keep, pass_fds=[3],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env=environment or {"ASAN_OPTIONS": "detect_leaks=0"})
        its.close()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._errors, daemon=True).start()
        self.frame(CONFIGURE, 0, encode(CONFIGURATION, configuration))

    def frame(self, kind, number, body=b""):
        self.socket.sendall(struct.pack(">IBBQ", 10 + len(body), kind, PROTOCOL, number) + body)

    def _errors(self):
        for line in self.process.stderr:
            self.words.append(line.decode("utf-8", "replace"))

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _read(self):
        try:
            while True:
                length, kind, _, number = struct.unpack(">IBBQ", self._exactly(14))
                body = self._exactly(length - 10)
                with self.changed:
                    if kind == DELIVERED:
                        result = decode(body)
                        if result["number"] != number or number in self.results:
                            self.words.append(f"told twice or as another: {number}")
                        self.results[number] = result
                    elif kind == READY:
                        self.is_ready = True
                    elif kind == FATAL:
                        self.words.append(body.decode("utf-8", "replace"))
                    self.changed.notify_all()
        except (EOFError, OSError):
            with self.changed:
                self.number = -1
                self.changed.notify_all()

    def deliver(self, **request):
        self.number += 1
        number = self.number
        for name, words in (("transport", TRANSPORTS), ("tls", TLS)):
            if name in request:
                request[name] = words.index(request[name])
        self.frame(DELIVER, number, encode(DELIVERY, dict(request, number=number)))
        return number

    def wait(self, number, seconds=40):
        with self.changed:
            self.changed.wait_for(lambda: number in self.results or self.number < 0, seconds)
            if number not in self.results:
                raise TimeoutError(f"delivery {number}: nothing within {seconds} s; {self.words}")
            return self.results[number]

    def send(self, **request):
        return self.wait(self.deliver(**request))

    def close(self):
        """FINISH; the exit code."""
        try:
            self.frame(FINISH, 0)
        except OSError:
            pass
        code = self.process.wait(30)
        self.socket.close()
        return code
