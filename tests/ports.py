# SPDX-License-Identifier: Apache-2.0
"""Ports for servers that a test starts: outside of the kernel's range for what connects, which would
take one between this answer and the server's start, and drawn, so that tests side by side differ."""
import random
import socket

FIRST, LAST = 10000, 30000


def free_port(host="127.0.0.1"):
    while True:
        port = random.randint(FIRST, LAST)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            try:
                probe.bind((host, port))
                return port
            except OSError:
                continue
