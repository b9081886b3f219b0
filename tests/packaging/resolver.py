# SPDX-License-Identifier: Apache-2.0
"""The resolver of the trial: one that has an answer to everything, and sees no signatures."""
import socket
import struct
import sys

ANSWERS = {1: bytes([192, 0, 2, 1]), 2: b"\x02ns\xc0\x0c", 15: b"\0\x0a\x02mx\xc0\x0c",
           6: b"\x02ns\xc0\x0c\x04host\xc0\x0c" + struct.pack("!5I", 1, 7200, 3600, 1209600, 300)}


def answer(query):
    end = query.index(b"\0", 12) + 5
    kind, = struct.unpack("!H", query[end - 4:end - 2])
    rdata = ANSWERS.get(kind)
    head = query[:2] + struct.pack("!5H", 0x8180, 1, 1 if rdata else 0, 0, 0)
    body = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 300, len(rdata)) + rdata if rdata else b""
    return head + query[12:end] + body


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    packet, peer = sock.recvfrom(4096)
    if len(packet) > 16:
        sock.sendto(answer(packet), peer)
