# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks on loopback: it keeps what came, checks signatures, and answers as it is told."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time


class Receiver:
    """with Receiver() as receiver: receiver.url, receiver.got; receiver.answers holds what it says next."""

    def __init__(self, host="127.0.0.1", port=0):
        self.got, self.answers = [], []
        self.default = (204, {})
        self.by_path = {}  # what it always says there
        self.hold = threading.Event()  # cleared: answers wait
        self.hold.set()
        self.arrived = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver.arrived:
                    receiver.got.append({"at": time.monotonic(), "path": self.path,
                                         "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body})
                    status, headers = receiver.by_path.get(self.path) or (
                        receiver.answers.pop(0) if receiver.answers else receiver.default)
                    receiver.arrived.notify_all()
                receiver.hold.wait(20)
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", "0" if status == 204 else "3")
                    self.end_headers()
                    if status != 204:
                        self.wfile.write(b"ok\n")
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # who sent it was killed

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

        self.server = Server((host, port), Handler)
        self.url = f"http://{host}:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()

    def await_count(self, count, seconds=20):
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.got) >= count, seconds)

    def ids(self, path=None):
        return [message["headers"].get("webhook-id") for message in self.got if path in (None, message["path"])]

    def events(self, path=None):
        return [event for message in self.got if path in (None, message["path"])
                for event in json.loads(message["body"])["data"].get("events", [])]


def is_signed(message, secret):
    """As the specification of Standard Webhooks says."""
    headers = message["headers"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message["body"]
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split()
