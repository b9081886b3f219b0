#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fake internet's HTTP, HTTPS and WHOIS servers, and its decoys.

usage: web.py RUN

Started by the program `internet` with the lines of the scenario in RUN/web (README.md has their
grammar). Makes an authority RUN/ca.pem, certificates as names are asked for, and RUN/web.ready when
all listen. Each connection to a decoy is a line in the file INTERNET_DECOY.
"""
import fnmatch
import gzip
import json
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings

RUN = sys.argv[1]
LOCK = threading.Lock()
BACKLOG = 256
REQUEST_BYTES = 16384
# Certificates of hosts: what their options add, and who signs.
BEGIN = int(time.time())
SERIAL = [BEGIN]


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def path_of(name):
    return os.path.join(RUN, name)


def make_authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path_of(name + ".key"), "-out", path_of(name + ".pem"), "-days", "30",
            "-subj", f"/O=Authority of the fake internet/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def make_certificate(host, kind):
    """A certificate for host: good, expired, not-yet, wrong-name, self-signed, unknown-issuer."""
    base = path_of(f"tls-{kind}-{host}")
    with LOCK:
        if os.path.exists(base + ".pem"):
            return base + ".pem"
        name = "other.invalid" if kind == "wrong-name" else host
        issuer = "stranger" if kind == "unknown-issuer" else "ca"
        with open(base + ".cnf", "w", encoding="ascii") as file:
            file.write("[ca]\ndefault_ca=c\n[c]\nnew_certs_dir=" + RUN + f"\ndatabase={base}.db\n"
                       f"serial={base}.serial\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n"
                       "email_in_dn=no\n[p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:FALSE\n"
                       f"subjectAltName=DNS:{name}\n[req]\ndistinguished_name=d\n[d]\n")
        with open(base + ".db", "w", encoding="ascii"):
            pass
        SERIAL[0] += 1
        with open(base + ".serial", "w", encoding="ascii") as file:
            file.write(f"{SERIAL[0]:08X}{os.urandom(8).hex().upper()}\n")
        begin, end = {"expired": (-60, -2), "not-yet": (2, 60)}.get(kind, (-2, 120))
        days = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + day * 86400))
                for day in (begin, end)]
        openssl("req", "-new", "-key", path_of("leaf.key"), "-subj", f"/CN={name}", "-config",
                base + ".cnf", "-out", base + ".csr")
        sign = (["-selfsign", "-keyfile", path_of("leaf.key")] if kind == "self-signed" else
                ["-cert", path_of(issuer + ".pem"), "-keyfile", path_of(issuer + ".key")])
        openssl("ca", "-batch", "-config", base + ".cnf", "-in", base + ".csr", "-out",
                base + ".new", "-notext", "-startdate", days[0], "-enddate", days[1], *sign)
        os.rename(base + ".new", base + ".pem")
    return base + ".pem"


def context_for(host, kind, takes_old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if takes_old:  # RFC 8996 forbids it, and Python says so
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(make_certificate(host, kind), path_of("leaf.key"))
    return context


class Site:
    """What listens at a host's addresses, and how its certificates are."""

    def __init__(self, words):
        self.kind, self.name = words[0], words[1]
        self.options = dict(word.partition("=")[::2] for word in words[2:] if "=" in word)
        self.addresses = [word for word in words[2:] if "=" not in word]
        self.certificate = self.options.get("certificate", "good")
        self.takes_old = self.options.get("tls") == "old"
        self.contexts = {}

    def context(self, host):
        if host not in self.contexts:
            self.contexts[host] = context_for(host, self.certificate, self.takes_old)
        return self.contexts[host]


class Page:
    """One answer: `page HOST PATH [OPTION…] [= TEXT]`, `answer SERVER QUERY [OPTION…] [= TEXT]`."""

    def __init__(self, line, folder):
        head, separator, text = line.partition(" = ")
        words = shlex.split(head)
        self.host, self.path = words[1], words[2]
        self.options = dict(word.partition("=")[::2] for word in words[3:])
        self.body = text.encode("utf-8").decode("unicode_escape").encode("utf-8") \
            if separator else b""
        if "file" in self.options:
            with open(os.path.join(folder, self.options["file"]), "rb") as file:
                self.body = file.read()
        self.was = None  # was=F: the body of the first requests (first=N)
        if "was" in self.options:
            with open(os.path.join(folder, self.options["was"]), "rb") as file:
                self.was = file.read()


SITES, PAGES, ANSWERS = [], [], []
COUNTS = {}
STARTED = threading.local()  # when a thread's connection came


def page_for(host, path):
    found = [page for page in PAGES
             if fnmatch.fnmatchcase(host, page.host) and fnmatch.fnmatchcase(path, page.path)]
    return found[-1] if found else None


def fill(body, path):
    """@name@ is the path's last part; @+30d@ the time 30 days after this server began, @-30d@ that before."""
    def moment(found):
        at = time.gmtime(BEGIN + int(found.group(1)) * 86400)
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", at).encode()
    body = body.replace(b"@name@", path.rsplit("/", 1)[-1].encode())
    return re.sub(rb"@([+-]\d+)d@", moment, body)


def drip(connection, data, pause):
    for octet in data:
        connection.sendall(bytes([octet]))
        time.sleep(pause)


def send_fault(connection, kind, argument, page):
    """Something that no server should do; false: not that kind."""
    if kind == "hang":
        time.sleep(600)
    elif kind == "late":
        time.sleep(float(argument))
        return False
    elif kind == "close":
        pass
    elif kind == "garbage":
        connection.sendall(os.urandom(4096))
    elif kind == "endless-headers":
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10 ** 7):
            connection.sendall(b"X-Header-%d: %s\r\n" % (number, b"x" * 80))
    elif kind == "long-header":
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(10 ** 5):
            connection.sendall(b"x" * 4096)
    elif kind == "continue":
        for _ in range(10 ** 6):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    elif kind == "drip":
        drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, 0.5)
    elif kind == "huge":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(int(argument or "10") * 16):
            connection.sendall(b"x" * 65536)
    elif kind == "bomb":
        body = gzip.compress(b"\0" * (64 << 20), 9)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n"
                           b"\r\n" % len(body) + body)
    elif kind == "deep":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" +
                           b"[" * int(argument or "100000"))
    elif kind == "short":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
    elif kind == "status":
        connection.sendall(b"HTTP/1.1 " + argument.encode() + b"\r\n\r\n" + page.body)
    else:
        return False
    return True


def respond(connection, host, path, headers):
    page = page_for(host, path)
    # needs=NAME:VALUE: without that header 401, as APIs answer to who has no key.
    name, _, value = page.options.get("needs", "").partition(":") if page else ("", "", "")
    if name and headers.get(name) != value.replace("_", " "):
        body = b'{"message":"Unauthorized"}'
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n"
                           b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return
    if not page:
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"
                           b"Content-Length: 10\r\nConnection: close\r\n\r\nnot found\n")
        return
    options, body = dict(page.options), page.body
    # first=N: the answer of these options for the first N requests, the plain page afterwards.
    if "first" in options:
        COUNTS[page] = COUNTS.get(page, 0) + 1
        if COUNTS[page] > int(options["first"]):
            options = {key: options[key] for key in options if key in ("type", "file", "needs")}
        elif page.was is not None:
            body = page.was
    kind, _, argument = options.get("fault", "").partition(":")
    if kind and send_fault(connection, kind, argument, page):
        return
    body = fill(body, path)
    head = [f"HTTP/1.1 {options.get('status', '200')} Status",
            f"Content-Type: {options.get('type', 'text/html')}",
            f"Content-Length: {len(body)}", "Connection: close",
            "Date: " + time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())]
    if "location" in options:
        head.append("Location: " + options["location"])
    if "header" in options:
        head.append(options["header"].replace("_", " ", 1))
    connection.sendall("\r\n".join(head).encode("utf-8") + b"\r\n\r\n" + body)


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data and len(data) < REQUEST_BYTES:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, path = (lines[0].split() + ["", "/"])[:2]
    headers = {name.strip().lower(): value.strip()
               for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < min(int(headers.get("content-length", "0")), REQUEST_BYTES):
        body += connection.recv(4096) or b"\n" * REQUEST_BYTES
    host = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "")
    host = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host
    note_request({"time": STARTED.at, "host": host, "method": method, "path": path,
                  "headers": headers, "body": body.decode("latin-1")})
    return host, path, headers


def note_request(request):
    """Each request whole, for tests of what goes over the wire: a line of INTERNET_REQUESTS."""
    path = os.environ.get("INTERNET_REQUESTS")
    if path:
        with LOCK, open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(request) + "\n")


def serve_web(site, connection, is_tls):
    connection.settimeout(900)
    if is_tls and site.options.get("fault") == "no-tls":
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        return
    if is_tls and site.options.get("fault") == "tls-hang":
        time.sleep(600)
    if is_tls:
        context = context_for(site.name, site.certificate, site.takes_old)

        def on_name(tls, name, _context):
            if name:
                tls.context = site.context(name)
        context.sni_callback = on_name
        connection = context.wrap_socket(connection, server_side=True)
    host, path, headers = read_request(connection)
    log(f"{site.name} {host} {path}")
    respond(connection, host, path, headers)
    if is_tls:
        connection.unwrap()


def serve_whois(site, connection, _is_tls):
    connection.settimeout(60)
    query = connection.recv(1024).decode("latin-1").strip()
    log(f"{site.name} whois {query}")
    found = [page for page in ANSWERS if page.host == site.name
             and fnmatch.fnmatchcase(query.lower(), page.path.lower())]
    if not found:
        connection.sendall(b"No match for domain.\r\n")
        return
    kind, _, argument = found[-1].options.get("fault", "").partition(":")
    if kind == "huge":
        for _ in range(int(argument or "10") * 16):
            connection.sendall(b"Remark: " + b"x" * 65528)
    elif kind and send_fault(connection, kind, argument, found[-1]):
        return
    connection.sendall(fill(found[-1].body, query))


def serve_decoy(site, connection, _is_tls):
    with LOCK, open(os.environ.get("INTERNET_DECOY") or path_of("decoy"), "a",
                    encoding="utf-8") as file:
        file.write(f"{site.name} {connection.getsockname()}\n")


def log(line):
    path = os.environ.get("INTERNET_WEB_JOURNAL")
    if path:
        with LOCK, open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def handle(serve, site, connection, is_tls):
    STARTED.at = time.time()
    try:
        serve(site, connection, is_tls)
    except (OSError, ValueError):
        pass
    finally:
        connection.close()


def serve_nothing(_site, connection, _is_tls):
    connection.settimeout(60)
    connection.recv(1)


def listen(site, address, port, serve, is_tls=False):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(BACKLOG)

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=handle, args=(serve, site, connection, is_tls),
                             daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()


def start_nginx(sites):
    """Hosts with engine=nginx: a real nginx with the pages as files."""
    blocks = []
    for site in sites:
        root = path_of("nginx-" + site.name)
        rules = []
        for number, page in enumerate(page for page in PAGES if page.host == site.name):
            os.makedirs(root, exist_ok=True)
            with open(os.path.join(root, str(number)), "wb") as file:
                file.write(page.body)
            action = (f"return {page.options.get('status', '302')} {page.options['location']};"
                      if "location" in page.options else
                      f"root {root}; default_type {page.options.get('type', 'text/html')}; "
                      f"try_files /{number} =404;")
            rules.append(f"location = {page.path} {{ {action} }}")
        listens = "".join(
            f"listen {'[' + a + ']' if ':' in a else a}:443 ssl; "
            f"listen {'[' + a + ']' if ':' in a else a}:80; " for a in site.addresses)
        listens += "ssl_protocols TLSv1.2 TLSv1.3;"
        blocks.append(f"server {{ {listens} server_name {site.name}; ssl_certificate "
                      f"{make_certificate(site.name, site.certificate)}; ssl_certificate_key "
                      f"{path_of('leaf.key')}; {' '.join(rules)} }}")
    text = (f"daemon off; master_process off; pid {path_of('nginx.pid')}; error_log "
            f"{path_of('nginx.log')};\nevents {{ worker_connections 1024; }}\nhttp {{ access_log off;"
            + "".join(f" {kind}_temp_path {path_of('nginx-' + kind)};" for kind in
                      ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + "\n" + "\n".join(blocks) + "\n}\n")
    with open(path_of("nginx.conf"), "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.Popen(["nginx", "-p", RUN, "-c", path_of("nginx.conf")],
                            stdin=subprocess.DEVNULL)


def read_lines():
    with open(path_of("web"), encoding="utf-8") as lines:
        for line in lines:
            folder, _, text = line.rstrip("\n").partition("\t")
            word = text.split(None, 1)[0]
            if word == "page":
                PAGES.append(Page(text, folder))
            elif word == "answer":
                ANSWERS.append(Page(text, folder))
            else:
                SITES.append(Site(shlex.split(text)))


def write_bootstrap():
    """Which RDAP server is in charge (RFC 9224): of tlds=, networks= and numbers=, or of all that no other names."""
    services = [[[entry for option in ("tlds", "networks", "numbers") if option in site.options
                  for entry in site.options[option].split(",")] or [""], [f"https://{site.name}/"]]
                for site in SITES if site.kind == "rdap"]
    with open(path_of("rdap-bootstrap.json"), "w", encoding="ascii") as file:
        json.dump({"version": "1.0", "services": services}, file)


def main():
    read_lines()
    write_bootstrap()
    if any(site.kind in ("https", "rdap") for site in SITES):
        make_authority("ca")
        make_authority("stranger")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path_of("leaf.key"))
    nginx = [site for site in SITES if site.options.get("engine") == "nginx"]
    for site in SITES:
        for address in site.addresses if site not in nginx else ():
            if site.kind in ("https", "rdap"):
                listen(site, address, 443, serve_web, True)
            if site.kind in ("http", "https"):
                listen(site, address, 80, serve_web)
            for port in filter(None, site.options.get("also", "").split(",")):
                listen(site, address, int(port), serve_nothing)
            if site.kind == "whois":
                listen(site, address, 43, serve_whois)
            if site.kind == "decoy":
                for port in (43, 80, 443, 8080):
                    listen(site, address, port, serve_decoy)
    child = start_nginx(nginx) if nginx else None
    for site in nginx:
        for _ in range(200):
            try:
                socket.create_connection((site.addresses[0], 443), 1).close()
                break
            except OSError:
                time.sleep(0.02)
    with open(path_of("web.ready"), "w", encoding="ascii"):
        pass
    while True:
        time.sleep(3600)
        if child and child.poll() is not None:
            sys.exit("nginx has ended")


main()
