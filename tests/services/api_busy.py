# SPDX-License-Identifier: Apache-2.0
"""Another process has the turn at writing and does not go on: who reads is answered, who writes is told to come
again, nobody is cut off or waits for ever, and nothing that was refused is there afterwards."""
import fcntl
import http.client
import os
import struct
import sys
import threading

from server import Cases, Server

WRITERS = READERS = 24  # many on one thread of the API, since they connected one after another
F_OFD_SETLK = 37  # Linux, fcntl.h
cases = Cases()


def lock(file, how):
    fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", how, os.SEEK_SET, 0, 0, 0))


class Client(threading.Thread):
    """A connection that was answered once, and then asks for something else."""

    def __init__(self, server, method, path, body=None):
        super().__init__(daemon=True)
        self.server, self.question = server, (method, path, body)
        self.connection = http.client.HTTPConnection(*server.address, timeout=120)
        self.server.ask("GET", "/healthz", connection=self.connection)
        self.status, self.retry_after = None, None

    def run(self):
        method, path, body = self.question
        try:
            answer = self.server.ask(method, path, body, connection=self.connection)
            self.status, self.retry_after = answer.status, answer.header("Retry-After")
        except (OSError, http.client.HTTPException) as error:
            self.status = type(error).__name__
        self.connection.close()


def tally(clients):
    counts = {}
    for client in clients:
        counts[client.status] = counts.get(client.status, 0) + 1
    return counts


with Server("--request-rate", "0") as server:
    writers = [Client(server, "POST", "/api/v1/domains", {"name": f"busy-{number}.example"})
               for number in range(WRITERS)]
    readers = [Client(server, "GET", "/api/v1/domains?limit=10") for _ in range(READERS)]
    with open(os.path.join(server.data, "turn"), "r+b") as turn:
        lock(turn, fcntl.F_WRLCK)
        for client in writers + readers:
            client.start()
        for client in writers + readers:
            client.join(180)
        cases.same("who writes is told to come again", {503: WRITERS}, tally(writers))
        cases.same("and when", {"2"}, {client.retry_after for client in writers})
        cases.same("who reads is answered", {200: READERS}, tally(readers))
        lock(turn, fcntl.F_UNLCK)
    names = [item["name"] for item in server.get("/api/v1/domains?limit=1000&q=busy-").json()["items"]]
    cases.same("what was refused is not there", [], names)
    again = [server.ask("POST", "/api/v1/domains", {"name": f"busy-{number}.example"}).status for number in range(5)]
    cases.same("and can be written when the other lets go", [201] * 5, again)
cases.true("the server ended well", not server.is_broken)
sys.exit(cases.end())
