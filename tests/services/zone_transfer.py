#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Zones by transfer: a real NSD, a server that lies in every way, and the importer's own limits.

Ends with `N passed, N failed`.
"""
import base64
import hashlib
import hmac
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sender import DSS_NET, encode  # noqa: E402

BUILD = os.environ["DSS_BUILD"]
DSS = next(path for path in (os.path.join(BUILD, "dss"), os.path.join(BUILD, "src/main/dss"))
           if os.path.exists(path))
SCRATCH = tempfile.mkdtemp(prefix="dss-transfer.")
ENVIRONMENT = dict(os.environ, DSS_DATA=os.path.join(SCRATCH, "data"), ASAN_OPTIONS="detect_leaks=0")
SECRET = bytes(range(1, 33))
KEY, ZONE = "transfer.key", "example.com"
COUNTS = [0, 0]
A, NS, SOA, TXT, RRSIG, AXFR, TSIG = 1, 2, 6, 16, 46, 252, 250


def check(what, is_fine, seen=""):
    COUNTS[0 if is_fine else 1] += 1
    if not is_fine:
        print(f"{what}: {seen}")


# ---- messages, by hand: what stands here is not the code that is tested ----

def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def record(owner, kind, data, where=1):
    return name(owner) + struct.pack(">HHIH", kind, where, 300, len(data)) + data


def soa(serial=1, owner=ZONE):
    return record(owner, SOA, name("ns.example.com") + name("h.example.com") + struct.pack(">5I", serial, 1, 2, 3, 4))


def message(query, records, rcode=0, flags=0x8400, question=True, identity=None, additional=(), counts=None):
    asked = query[12:12 + query[12:].index(b"\0") + 5]
    head = struct.pack(">H", identity if identity is not None else struct.unpack(">H", query[:2])[0])
    head += struct.pack(">HHHHH", flags | rcode, 1 if question else 0,
                        counts if counts is not None else len(records), 0, len(additional))
    return head + (asked if question else b"") + b"".join(records) + b"".join(additional)


def request_mac(query):
    """The MAC in a question that ends with a TSIG of ours, and whether it is right."""
    start = query.index(name(KEY), 12 + len(name(ZONE)) + 4)
    at = start + len(name(KEY)) + 10 + len(name("hmac-sha256"))
    times, size = query[at:at + 8], struct.unpack(">H", query[at + 8:at + 10])[0]
    mac = query[at + 10:at + 10 + size]
    plain = query[:10] + struct.pack(">H", 0) + query[12:start]
    return mac, mac == digest(plain + variables(times))


def digest(octets, secret=SECRET):
    return hmac.new(secret, octets, hashlib.sha256).digest()


def variables(times, key=KEY, error=0, other=b""):
    return name(key) + struct.pack(">HI", 255, 0) + name("hmac-sha256") + times + \
        struct.pack(">HH", error, len(other)) + other


def signed(plain, prior, is_first=True, now=None, secret=SECRET, key=KEY, between=b"", cut=32, error=0,
           algorithm="hmac-sha256"):
    """The message with its TSIG, and the MAC for the next one."""
    moment = int(time.time()) if now is None else now
    times = struct.pack(">HIH", moment >> 32, moment & 0xffffffff, 300)
    mac = digest(struct.pack(">H", len(prior)) + prior + between + plain +
                 (variables(times, key, error) if is_first else times), secret)[:cut]
    data = name(algorithm) + times + struct.pack(">H", len(mac)) + mac + plain[:2] + struct.pack(">HH", error, 0)
    count = struct.unpack(">H", plain[10:12])[0] + 1
    return plain[:10] + struct.pack(">H", count) + plain[12:] + name(key) + \
        struct.pack(">HHIH", TSIG, 255, 0, len(data)) + data, mac


class Liar:
    """A server on loopback: behave(connection, query) does what it likes with each connection."""

    def __init__(self, behave):
        self.behave, self.queries = behave, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            try:
                size = struct.unpack(">H", connection.recv(2, socket.MSG_WAITALL))[0]
                query = connection.recv(size, socket.MSG_WAITALL)
                self.queries.append(query)
                self.behave(lambda *parts: [connection.sendall(struct.pack(">H", len(m)) + m) for m in parts],
                            query, connection)
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(5)
                connection.recv(1)
            except (OSError, struct.error):
                pass

    def close(self):
        self.listener.close()


DELEGATED = [record(f"d{i}.{ZONE}", NS, name("ns.elsewhere.net")) for i in range(3)]
PLAIN = [record(ZONE, NS, name("ns.example.com")), record("www." + ZONE, A, b"\xc0\0\2\1"),
         record("_dmarc." + ZONE, TXT, b"\1x"), record("*.wild." + ZONE, NS, name("ns.elsewhere.net"))]
WHOLE = [soa()] + PLAIN + DELEGATED + [soa()]


def run(*arguments, **more):
    return subprocess.run([DSS, "domains", *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False, **more)


def stored():
    return sorted(run("export").stdout.split())


def key_file(text, called="key"):
    path = os.path.join(SCRATCH, called)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


BIND = f'# a comment\nkey "{KEY}" {{\n\talgorithm hmac-sha256;\n\tsecret "{base64.b64encode(SECRET).decode()}";\n}};\n'


# ---- what lies ----

def sends(records, **more):
    return lambda send, query, connection: send(message(query, records, **more))


def raw(octets):
    return lambda send, query, connection: connection.sendall(octets)


def with_key(make):
    """make(query, mac of the request) gives whole messages."""
    def behave(send, query, connection):
        mac, is_right = request_mac(query)
        if is_right:
            send(*make(query, mac))
    return behave


def once(**more):
    return with_key(lambda query, mac: [signed(message(query, WHOLE), mac, **more)[0]])


def unsigned_end(query, mac):
    first, _ = signed(message(query, WHOLE[:-1]), mac)
    return [first, message(query, [soa()])]


def too_many_unsigned(query, mac):
    first, _ = signed(message(query, [soa()]), mac)
    return [first] + [message(query, [DELEGATED[0]])] * 100


def changed_between(query, mac):
    """The unsigned message in the middle is not the one that was signed."""
    first, prior = signed(message(query, WHOLE[:2]), mac)
    last, _ = signed(message(query, WHOLE[3:]), prior, is_first=False, between=message(query, [WHOLE[2]]))
    return [first, message(query, [record("evil." + ZONE, NS, name("ns.evil.net"))]), last]


def tsig_error(error):
    def make(query, _):
        times = struct.pack(">HIH", 0, int(time.time()), 300)
        data = name("hmac-sha256") + times + struct.pack(">H", 0) + query[:2] + struct.pack(">HH", error, 0)
        return [message(query, [], rcode=9, additional=[name(KEY) + struct.pack(">HHIH", TSIG, 255, 0, len(data)) + data])]
    return with_key(make)


def behind_tsig(query, mac):
    whole, _ = signed(message(query, WHOLE), mac)
    count = struct.unpack(">H", whole[10:12])[0] + 1
    return [whole[:10] + struct.pack(">H", count) + whole[12:] + record("x." + ZONE, A, b"1234")]


HOSTILE = [  # what, behaviour, what must be said
    ("refused", sends([], rcode=5), "answers REFUSED: it does not allow"),
    ("not served", sends([], rcode=9), "answers NOTAUTH: it does not serve the zone"),
    ("server failure", sends([], rcode=2), "answers SERVFAIL"),
    ("closes at once", lambda send, query, connection: None, "closes the connection before the zone's end, after 0"),
    ("closes in the middle", sends(WHOLE[:-1]), "before the zone's end, after 8 records"),
    ("half a message", raw(b"\x10\0" + b"x" * 100), "closes the connection"),
    ("a length of nothing", raw(b"\0\0\0\0"), "no DNS over TCP"),
    ("HTTP", raw(b"\0\x1fHTTP/1.1 400 Bad Request\r\n\r\nxxxx"), "a message that is no answer"),
    ("another id", lambda send, query, connection: send(message(query, WHOLE, identity=struct.unpack(">H", query[:2])[0] ^ 1)),
     "another question (its id differs)"),
    ("a question back", sends(WHOLE, flags=0x0400), "no answer"),
    ("another question", lambda send, query, connection: send(message(query.replace(b"\7example", b"\7example".upper()).replace(b"\3COM", b"\3com").replace(b"\7EXAMPLE", b"\7examplf"), WHOLE)),
     "an answer to another question"),
    ("no record", sends([]), "a message without a record"),
    ("no SOA first", sends(WHOLE[1:]), "does not begin with the zone's SOA"),
    ("an SOA of elsewhere first", sends([soa(owner="example.net")] + WHOLE[1:]), 'a record of "example.net", which is not in the zone'),
    ("an SOA below", sends([soa(), soa(owner="a." + ZONE)]), "an SOA below the zone's own"),
    ("an end with another serial", sends(WHOLE[:-1] + [soa(serial=2)]), "another SOA (serial 2) than it began with (serial 1)"),
    ("another zone's record", sends(WHOLE[:2] + [record("example.org", NS, name("ns.example.org"))] + WHOLE[2:]),
     '"example.org", which is not in the zone'),
    ("a record of a neighbour", sends(WHOLE[:2] + [record("notexample.com", NS, name("ns"))] + WHOLE[2:]), "not in the zone"),
    ("another class", sends(WHOLE[:2] + [record("a." + ZONE, NS, name("ns"), where=3)] + WHOLE[2:]), "not in the zone"),
    ("records behind the end", sends(WHOLE + [DELEGATED[0]]), "records behind its end"),
    ("more counted than there", sends(WHOLE, counts=200), "a message is broken"),
    ("fewer counted than there", sends(WHOLE[:3], counts=2), "a message is broken"),
    ("a name that points to itself", sends([soa(), struct.pack(">H", 0xc00c + len(soa())) + struct.pack(">HHIH", NS, 1, 1, 0)], question=False), "broken"),
    ("a name that points forward", sends([soa(), b"\xff\xff" + struct.pack(">HHIH", NS, 1, 1, 0)]), "broken"),
    ("a broken SOA", sends([record(ZONE, SOA, b"\1")]), "its SOA is broken"),
    ("truncated", sends(WHOLE, flags=0x8600), "says it is cut"),
    ("a TSIG that nobody asked for", lambda send, query, connection: send(message(query, [soa()], additional=[b"\0" * 3])), "broken"),
]
SIGNED_HOSTILE = [
    ("no TSIG", lambda send, query, connection: send(message(query, WHOLE)), "it has no TSIG"),
    ("refused, unsigned", sends([], rcode=5), "answers REFUSED, unsigned"),
    ("another secret", once(secret=b"x" * 32), "the signature is wrong"),
    ("a MAC of another message", with_key(lambda query, mac: [signed(message(query, WHOLE), b"\0" * 32)[0]]), "the signature is wrong"),
    ("a truncated MAC", once(cut=16), "its MAC is cut"),
    ("no MAC", once(cut=0), "its MAC is cut"),
    ("another key", once(key="other.key"), "another key or algorithm"),
    ("another algorithm", once(algorithm="hmac-sha1"), "another key or algorithm"),
    ("signed yesterday", once(now=int(time.time()) - 86400), "at a time that is not now"),
    ("signed tomorrow", once(now=int(time.time()) + 86400), "at a time that is not now"),
    ("an unsigned end", with_key(unsigned_end), "the last message of the transfer is not signed"),
    ("a hundred unsigned ones", with_key(too_many_unsigned), "more than 99 messages"),
    ("a message changed on the way", with_key(changed_between), "the signature is wrong"),
    ("BADKEY", tsig_error(17), f'knows no key "{KEY}" with hmac-sha256 (BADKEY)'),
    ("BADSIG", tsig_error(16), "another secret for the key"),
    ("BADTIME", tsig_error(18), "(BADTIME)"),
    ("another error", tsig_error(22), "error 22"),
    ("a record behind the TSIG", with_key(behind_tsig), "a message that is broken"),
    ("signed, and wrong", with_key(lambda query, mac: [signed(message(query, WHOLE[:-1] + [soa(9)]), mac)[0]]), "another SOA"),
    ("signed, and refused", with_key(lambda query, mac: [signed(message(query, [], rcode=5), mac)[0]]), "answers REFUSED"),
]


def hostile():
    """All of them by the importer's frames, some of them by the command, too."""
    key = key_file(BIND)
    for rows, order, more in ((HOSTILE, {}, ()), (SIGNED_HOSTILE, SIGNING, ("--tsig", key))):
        for number, (what, behave, said) in enumerate(rows):
            liar = Liar(behave)
            code, kinds, last = importer(port=liar.port, **order)
            check(f"{what}: one clear error", code == 3 and kinds[-1] == 18 and said.encode() in last and 17 not in kinds,
                  (code, kinds, last))
            check(f"{what}: no secret", SECRET not in last and base64.b64encode(SECRET) not in last, last)
            if number % 6 == 4:
                done = run("import", "--axfr", f"{ZONE}@127.0.0.1:{liar.port}", *more)
                lines = done.stderr.strip().split("\n")
                check(f"{what}: one line", done.returncode == 3 and len(lines) == 1 and said in lines[0] and
                      lines[0].endswith("nothing was imported"), (done.returncode, done.stderr))
            liar.close()
    check("nothing was imported of all this", stored() == [], stored())


# ---- what is right ----

def unsigned_between(query, mac):
    first, prior = signed(message(query, WHOLE[:2]), mac)
    middle = [message(query, [each], question=False) for each in WHOLE[2:-2]]
    last, _ = signed(message(query, WHOLE[-2:], question=False), prior, is_first=False, between=b"".join(middle))
    return [first] + middle + [last]


def honest():
    names = [f"d{i}.{ZONE}" for i in range(3)]
    liar = Liar(sends(WHOLE))
    place = f"{ZONE}@127.0.0.1:{liar.port}"
    done = run("import", "--axfr", place, "--dry-run")
    check("a dry run", done.returncode == 0 and "3 rows: 3 added" in done.stdout and stored() == [], done)
    done = run("import", "--axfr", place, "--tag", "zone", "--owner", "me")
    check("delegated names", done.returncode == 0 and stored() == names and
          "example.com, serial 1: 9 records, 3 delegated names" in done.stderr, (done, stored()))
    check("its tag", run("export", "--tag", "zone").stdout.split() == names)
    done = run("import", "--axfr", place, "--all-names")
    check("all names", stored() == sorted([*names, ZONE, "www." + ZONE]), stored())
    check("the question is as it was", len(liar.queries[0]) == 12 + len(name(ZONE)) + 4, liar.queries[0])
    done = run("import", "--axfr", f"{ZONE.upper()}.@127.0.0.1:{liar.port}", "--dry-run")
    check("letter case and a last dot", done.returncode == 0 and "3 already there" in done.stdout, done)
    done = run("import", "--axfr", place, "--mode", "replace")
    check("replace", done.returncode == 0 and stored() == names, stored())
    liar.close()
    liar = Liar(with_key(unsigned_between))
    done = run("import", "--axfr", f"{ZONE}@127.0.0.1:{liar.port}", "--tsig", key_file(BIND), "--dry-run")
    check("unsigned messages between signed ones", done.returncode == 0 and "3 rows" in done.stdout, done)
    liar.close()
    liar = Liar(sends([soa(), PLAIN[0], soa()]))
    done = run("import", "--axfr", f"{ZONE}@127.0.0.1:{liar.port}")
    check("a zone without delegations", done.returncode == 0 and "--all-names takes every name" in done.stderr, done)
    liar.close()


def usage():
    rows = [(["--axfr", "example.com"], "ZONE@SERVER"), (["--axfr", "@192.0.2.1"], "ZONE@SERVER"),
            (["--axfr", "example.com@"], "ZONE@SERVER"), (["--axfr", "a b@192.0.2.1"], "no domain name"),
            (["--axfr", "example.com@127.0.0.1:0"], "port"), (["--axfr", "example.com@ns.example.net:99999"], "port"),
            (["--axfr", "example.com@-x.example"], "no host name"),
            (["--axfr", "example.com@localhost"], "localhost leads inside"),
            (["x.csv", "--axfr", "example.com@192.0.2.1"], "either a file"), ([], "either a file"),
            (["--axfr", "example.com@127.0.0.1", "--tsig", "/nonexistent"], "/nonexistent"),
            (["--axfr", "example.com@127.0.0.1", "--tsig", key_file("key x { secret \"!!\"; };", "bad")], "not base64"),
            (["--axfr", "example.com@127.0.0.1", "--tsig", key_file("hmac-md5:x:AAAA", "md5")], "hmac-md5")]
    for arguments, said in rows:
        done = run("import", *arguments)
        check(f"usage {arguments}", done.returncode == 2 and said in done.stderr, done)
    done = run("import", "--axfr", "example.com@127.0.0.1:1")
    check("nobody listens", done.returncode == 3 and "cannot be reached" in done.stderr, done)


# ---- limits: the importer itself, which is told shorter ones ----

SIGNING = {"key_name": KEY, "key_algorithm": "hmac-sha256", "key_secret": SECRET}
ORDER = {"zone": 1, "host": 2, "port": 3, "takes_all": 4, "key_name": 5, "key_algorithm": 6, "key_secret": 7,
         "allow_networks": 8, "timeout_ms": 9, "silence_ms": 10}


def importer(**order):
    """Its exit code, the types of its frames, and the last body."""
    ours, its = socket.socketpair()
    process = subprocess.Popen([DSS_NET, "importer"], preexec_fn=lambda: os.dup2(its.fileno(), 3), pass_fds=[3],
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={"ASAN_OPTIONS": "detect_leaks=0"})
    its.close()
    body = encode(ORDER, dict({"zone": ZONE, "host": "127.0.0.1"}, **order))
    ours.sendall(struct.pack(">IBBQ", 10 + len(body), 1, 1, 0) + body)
    data = b""
    while True:
        part = ours.recv(1 << 20)
        if not part:
            break
        data += part
    kinds, last = [], b""
    while data:
        size, kind = struct.unpack(">IB", data[:5])
        kinds.append(kind)
        last, data = data[14:4 + size], data[4 + size:]
    return process.wait(), kinds, last


def endless(send, query, connection):
    number = 0
    send(message(query, [soa()]))
    while True:
        number += 1
        send(message(query, [record(f"n{number}-{i}.{ZONE}", NS, name("ns.evil.net")) for i in range(400)]))


def dripping(send, query, connection):
    whole = message(query, WHOLE)
    for octet in struct.pack(">H", len(whole)) + whole:
        connection.sendall(bytes([octet]))
        time.sleep(0.2)


def limits():
    for what, behave, said in (("it never ends", endless, b"did not end in time"),
                               ("it says nothing", lambda send, query, connection: time.sleep(4), b"says nothing for"),
                               ("it stops amid a record", lambda send, query, connection: (connection.sendall(b"\x10\0abc"), time.sleep(4)),
                                b"says nothing for"),
                               ("it drips", dripping, b"did not end in time")):
        liar = Liar(behave)
        began = time.monotonic()
        code, kinds, last = importer(port=liar.port, timeout_ms=1500, silence_ms=1000)
        check(f"{what}: a clear end", code == 3 and kinds[-1] == 18 and said in last and 17 not in kinds, (code, kinds[-3:], last))
        check(f"{what}: in time", time.monotonic() - began < 10, time.monotonic() - began)
        liar.close()
    for what, order in (("an inside name", {"host": "localhost"}), ("no zone", {"zone": ""}), ("no host", {"host": ""}),
                        ("no network", {"host": "localhost", "allow_networks": ["x"]})):
        code, kinds, last = importer(port=9, timeout_ms=1500, **order)
        check(f"{what}: refused", code in (2, 3) and kinds == [18], (code, kinds, last))


# ---- a real server ----

def nsd():
    zones = {ZONE: "$TTL 300\n@ SOA ns h 7 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\n_x TXT a\n"
                   "shop NS ns.shop\nns.shop A 192.0.2.3\nlab NS ns.elsewhere.net.\n",
             "large.test": "$TTL 300\n@ SOA ns h 9 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n" +
                           "".join(f"d{i} NS ns{i % 7}.elsewhere.net.\n" for i in range(3000))}
    holder = socket.create_server(("127.0.0.1", 0))
    port = holder.getsockname()[1]
    holder.close()
    config = f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n zonesdir: "{SCRATCH}"\n pidfile: ""\n' \
             f' database: ""\n xfrdfile: "{SCRATCH}/xfrd"\n zonelistfile: "{SCRATCH}/list"\n xfrdir: "{SCRATCH}"\n' \
             f' logfile: "{SCRATCH}/nsd.log"\n server-count: 1\nremote-control:\n control-enable: no\n'
    for algorithm in ("sha256", "sha512", "sha384", "sha224", "sha1"):
        config += f'key:\n name: "{algorithm}.key"\n algorithm: hmac-{algorithm}\n secret: "{base64.b64encode(SECRET).decode()}"\n'
        zones[f"{algorithm}.test"] = zones[ZONE]
        config += f'zone:\n name: {algorithm}.test\n zonefile: {algorithm}.test.zone\n provide-xfr: 127.0.0.1 {algorithm}.key\n'
    config += f'zone:\n name: {ZONE}\n zonefile: {ZONE}.zone\n provide-xfr: 127.0.0.1 NOKEY\n'
    config += 'zone:\n name: large.test\n zonefile: large.test.zone\n provide-xfr: 127.0.0.1 NOKEY\n' \
              ' provide-xfr: 127.0.0.1 sha256.key\n'
    for zone, text in zones.items():
        key_file(text, zone + ".zone")
    path = key_file(config, "nsd.conf")
    process = subprocess.Popen(["nsd", "-d", "-c", path], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 15
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        with_nsd(f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def with_nsd(server):
    secret = base64.b64encode(SECRET).decode()
    done = run("import", "--axfr", f"{ZONE}@{server}", "--dry-run", "-f", "jsonl")
    check("NSD, without a key", done.returncode == 0 and '"lab.example.com"' in done.stdout and
          '"shop.example.com"' in done.stdout and "9 records, 2 delegated" in done.stderr, done)
    for algorithm in ("sha256", "sha512", "sha384", "sha224", "sha1"):
        key = key_file(f"key:\n  - id: {algorithm}.key.\n    algorithm: hmac-{algorithm}\n    secret: {secret}\n", "knot")
        done = run("import", "--axfr", f"{algorithm}.test@{server}", "--tsig", key, "--dry-run")
        check(f"NSD, {algorithm}", done.returncode == 0 and "2 rows: 2 added" in done.stdout, done)
    key = key_file(f"hmac-sha256:sha256.key:{secret}\n", "dig")
    done = run("import", "--axfr", f"large.test@{server}", "--tsig", key)
    check("NSD, a large zone in many signed messages", done.returncode == 0 and
          "3000 added" in done.stdout, (done.stdout[-300:], done.stderr[-300:]))
    check("NSD, a large zone is stored", len(stored()) == 3003, len(stored()))
    before = stored()
    for what, zone, text, said in (
            ("without its key", "sha256.test", None, "answers REFUSED"),
            ("an unknown key", "sha256.test", f"hmac-sha256:nobody.key:{secret}", "BADKEY"),
            ("another secret", "sha256.test", "hmac-sha256:sha256.key:AAAA", "BADSIG"),
            ("another algorithm", "sha256.test", f"hmac-sha512:sha256.key:{secret}", "server answers REFUSED"),
            ("a key that may not", "sha256.test", f"hmac-sha512:sha512.key:{secret}", "REFUSED"),
            ("a zone that it has not", "nowhere.test", None, "server answers")):
        more = ["--tsig", key_file(text, "wrong")] if text else []
        done = run("import", "--axfr", f"{zone}@{server}", *more)
        check(f"NSD, {what}", done.returncode == 3 and said in done.stderr, done)
    check("NSD: nothing of these was imported", stored() == before)


def main():
    try:
        hostile()
        honest()
        usage()
        limits()
        nsd()
    finally:
        shutil.rmtree(SCRATCH)
    print(f"{COUNTS[0]} passed, {COUNTS[1]} failed")
    return COUNTS[1] != 0


sys.exit(main())
