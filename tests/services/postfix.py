# SPDX-License-Identifier: Apache-2.0
"""A Postfix of Debian's for tests, on loopback, with its own folder, ports, certificate and users: a port with
STARTTLS and AUTH, one with TLS from the first octet, and one in clear for mail to example.org. What it accepts
stands as files in a Maildir. Needs root, as Postfix does."""
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rabbitmq"))
from broker import free_port, listens, make_certificate  # noqa: E402

TOOLS = "/usr/sbin:/usr/bin:/sbin:/bin"


class Postfix:
    def __init__(self):
        if os.geteuid():
            raise SystemExit("Postfix starts as root only: run this suite as root")
        self.folder = tempfile.mkdtemp(prefix="dss-postfix-")
        os.chmod(self.folder, 0o755)
        self.user, self.password = "dss@example.org", secrets.token_urlsafe(18)
        self.clear_port, self.port, self.tls_port = free_port(), free_port(), free_port()
        self.ca_file = os.path.join(self.folder, "ca.pem")
        make_certificate(self.folder)
        owner = pwd.getpwnam("postfix")
        for name in "mail", "data":
            os.mkdir(self.path(name))
            os.chown(self.path(name), owner.pw_uid, owner.pw_gid)
        os.mkdir(self.path("spool"))
        os.mkdir(self.path("etc"))
        subprocess.run(["saslpasswd2", "-c", "-p", "-f", self.path("users"), "-u", "example.org", "dss"],
                       input=self.password.encode(), check=True, env={"PATH": TOOLS})
        os.chown(self.path("users"), owner.pw_uid, owner.pw_gid)
        self.write("etc/main.cf", self.main_cf(owner))
        self.write("etc/master.cf", self.master_cf())
        subprocess.run(["postfix", "-c", self.path("etc"), "check"], check=True, env={"PATH": TOOLS},
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # SASL has one file of users: here it is ours, for this process alone.
        start = f'mount --bind {self.path("users")} /etc/sasldb2 && exec postfix -c {self.path("etc")} start-fg'
        self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", start], env={"PATH": TOOLS},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 30
        while not all(listens(port) for port in (self.clear_port, self.port, self.tls_port)):
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit("Postfix does not start:\n" + self.log())
            time.sleep(0.05)

    def main_cf(self, owner):
        return "\n".join([
            "compatibility_level = 3.6", f"queue_directory = {self.path('spool')}",
            f"data_directory = {self.path('data')}", "mail_owner = postfix", "setgid_group = postdrop",
            "command_directory = /usr/sbin", "daemon_directory = /usr/lib/postfix/sbin",
            "inet_interfaces = 127.0.0.1", "inet_protocols = ipv4", "myhostname = localhost",
            "mydestination =", "alias_maps =", "alias_database =", "smtputf8_enable = no", "maillog_file_prefixes = /tmp",
            f"maillog_file = {self.path('log')}", "virtual_mailbox_domains = example.org",
            f"virtual_mailbox_base = {self.path('mail')}", "virtual_mailbox_maps = inline:{"
            "it@example.org=box/, second@example.org=box/}",
            f"virtual_uid_maps = static:{owner.pw_uid}", f"virtual_gid_maps = static:{owner.pw_gid}",
            "virtual_minimum_uid = 1", "smtpd_relay_restrictions = reject_unauth_destination",
            "smtpd_recipient_restrictions = reject_unlisted_recipient",
            f"smtpd_tls_cert_file = {self.path('cert.pem')}", f"smtpd_tls_key_file = {self.path('key.pem')}",
            "smtpd_tls_loglevel = 0", "smtpd_sasl_type = cyrus", "smtpd_sasl_path = smtpd",
            "smtpd_sasl_local_domain = example.org",
            "smtpd_error_sleep_time = 0", "message_size_limit = 600000", ""])

    def master_cf(self):
        submission = ["-o smtpd_sasl_auth_enable=yes", "-o smtpd_tls_auth_only=yes",
                      "-o smtpd_client_restrictions=permit_sasl_authenticated,reject"]
        lines = [(f"127.0.0.1:{self.clear_port}", "inet n - n - - smtpd", ["-o smtpd_tls_security_level=none"]),
                 (f"127.0.0.1:{self.port}", "inet n - n - - smtpd",
                  ["-o smtpd_tls_security_level=encrypt", *submission]),
                 (f"127.0.0.1:{self.tls_port}", "inet n - n - - smtpd",
                  ["-o smtpd_tls_wrappermode=yes", *submission])]
        text = "".join(f"{name} {rest}\n" + "".join(f"  {o}\n" for o in options)
                       for name, rest, options in lines)
        return text + "\n".join([
            "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
            "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
            "verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap",
            "error unix - - n - - error", "retry unix - - n - - error", "discard unix - - n - - discard",
            "local unix - n n - - local", "virtual unix - n n - - virtual", "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache", "postlog unix-dgram n - n - 1 postlogd", ""])

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def mails(self, count=0, seconds=20):
        """The octets of all mails that have arrived; waits for so many."""
        until = time.monotonic() + seconds
        while True:
            box = self.path("mail/box/new")
            names = sorted(os.listdir(box)) if os.path.isdir(box) else []
            if len(names) >= count or time.monotonic() > until:
                break
            time.sleep(0.05)
        mails = []
        for name in names:
            with open(os.path.join(box, name), "rb") as file:
                mails.append(file.read())
        return mails

    def stop(self):
        # Its master is in a session of its own.
        subprocess.run(["postfix", "-c", self.path("etc"), "abort"], env={"PATH": TOOLS}, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
