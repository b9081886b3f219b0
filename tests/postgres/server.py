#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of one's own, for as long as a program runs.

usage: server.py [--sync] PROGRAM [ARGUMENT]…

The server listens on a unix socket in a folder of its own and nowhere else. The program finds it in
DSS_TEST_POSTGRES (postgresql://dss@/dss?host=FOLDER); its exit code is ours. Without --sync the
server does not wait for the disk: tests end processes, not machines.

As a module: with Server() as server: server.url, server.pid(), server.stop(), server.start().
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

START_S = 60
RECOVERING = ("not yet accepting connections", "is starting up", "is in recovery mode")


def binary(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) or [shutil.which(name) or ""]
    if not found[-1]:
        sys.exit(f"{name}: not found: install the package postgresql")
    return found[-1]


def nobody():
    """Who the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    sys.exit("no user postgres and no user nobody to run a server as")


class Server:
    def __init__(self, sync=False, settings=()):
        self.folder = tempfile.mkdtemp(prefix="dss-pg-")
        self.data = os.path.join(self.folder, "data")
        self.sync = sync
        self.settings = list(settings)
        self.process = None
        self.identity = nobody()
        self.url = f"postgresql://dss@/dss?host={self.folder}"
        if self.identity:
            os.chown(self.folder, self.identity["user"], self.identity["group"])

    def call(self, argv, seconds=START_S):
        """subprocess.TimeoutExpired: the server says nothing, which it may when a test stopped one of its processes."""
        return subprocess.run(argv, cwd=self.folder, stdout=subprocess.PIPE, timeout=seconds,
                              stderr=subprocess.STDOUT, text=True, check=False, **self.identity)

    def run(self, *argv):
        done = self.call(argv)
        if done.returncode:
            sys.exit(f"{argv[0]}: {done.stdout}")
        return done.stdout

    def create(self):
        self.run(binary("initdb"), "-D", self.data, "-U", "dss", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync", "--no-instructions")
        # One user must say a password; tests of passwords make it.
        path = os.path.join(self.data, "pg_hba.conf")
        with open(path, encoding="utf-8") as file:
            rules = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write("local all dss_with_password scram-sha-256\n" + rules + "host all all 127.0.0.0/8 trust\n")

    def start(self):
        """Also after a postmaster was killed: until the last of its backends has let go."""
        end = time.monotonic() + START_S
        while not self.start_once(end):
            time.sleep(0.1)

    def start_once(self, end):
        argv = [binary("postgres"), "-D", self.data, "-k", self.folder,
                "-c", "listen_addresses=", "-c", "max_connections=200",
                "-c", "logging_collector=off", "-c", f"fsync={'on' if self.sync else 'off'}"]
        if not self.sync:
            argv += ["-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"]
        for setting in self.settings:
            argv += ["-c", setting]
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(argv, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, start_new_session=True,
                                        **self.identity)
        log.close()
        while subprocess.run([binary("pg_isready"), "-q", "-h", self.folder, "-U", "dss"],
                             check=False).returncode:
            if self.process.poll() is not None and time.monotonic() < end:
                return False
            if time.monotonic() > end:
                with open(os.path.join(self.folder, "log"), errors="replace") as said:
                    sys.exit("the server does not start:\n" + said.read()[-4000:])
            time.sleep(0.05)
        return True

    def pid(self):
        return self.process.pid

    def stop(self, how=signal.SIGINT):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)

    def sql(self, text, database="dss", seconds=START_S):
        """What psql prints; a server that recovers, because one of its backends was killed, is waited for."""
        argv = [binary("psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1",
                "-h", self.folder, "-U", "dss", "-d", database, "-c", text]
        end = time.monotonic() + START_S
        while True:
            done = self.call(argv, seconds)
            if not done.returncode:
                return done.stdout.strip()
            if time.monotonic() > end or not any(words in done.stdout for words in RECOVERING):
                sys.exit(f"{argv[0]}: {done.stdout}")
            time.sleep(0.1)

    def __enter__(self):
        try:
            self.create()
            self.start()
            self.sql("CREATE DATABASE dss", "postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    arguments = sys.argv[1:]
    sync = arguments[:1] == ["--sync"]
    if sync:
        arguments = arguments[1:]
    if not arguments:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Server(sync) as server:
        environment = dict(os.environ, DSS_TEST_POSTGRES=server.url)
        return subprocess.run(arguments, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
