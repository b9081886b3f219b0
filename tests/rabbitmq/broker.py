#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A RabbitMQ broker for tests: Debian's, on loopback, with its own folder, node name, ports, epmd,
password and certificate. Runs as root or as anybody.

As a program it starts one, writes a line of JSON (url, port, tls_port, password_file, ca_file, folder, pid), and then
does what the lines on its standard input say, each answered by one line: "kill" (SIGKILL), "start",
"purge", "queues", "eval ERLANG", "alarm on", "alarm off". It stops the broker when its input ends."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ports import free_port  # noqa: E402

SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
CTL = '/usr/lib/rabbitmq/bin/rabbitmqctl'
PURGE = '[rabbit_amqqueue:purge(Q) || Q <- rabbit_amqqueue:list()], ok.'


def listens(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(('127.0.0.1', port)) == 0


def make_certificate(folder):
    """ca.pem, and cert.pem and key.pem for localhost that it signed."""
    def openssl(*words):
        subprocess.run(['openssl', *words], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl('req', '-x509', *key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj',
            '/CN=test CA')
    openssl('req', *key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost')
    with open(os.path.join(folder, 'names'), 'w', encoding='ascii') as names:
        names.write('subjectAltName=DNS:localhost\n')
    openssl('x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key',
            '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'cert.pem')


class Broker:
    """lines: more of rabbitmq.conf."""

    def __init__(self, lines=()):
        self.folder = tls = tempfile.mkdtemp(prefix='dss-broker-')
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = os.path.join(tls, 'ca.pem')
        make_certificate(tls)
        self.user, self.password, self.vhost = 'dss', secrets.token_urlsafe(18), 'dss'
        self.password_file = os.path.join(self.folder, 'password')
        self.node = 'dss' + secrets.token_hex(4) + '@localhost'
        self.epmd = self.process = None
        self.write('password', self.password + '\n')
        self.write('plugins', '[].\n')
        self.write('inetrc', '{lookup, [file]}.\n{host, {127,0,0,1}, ["localhost", "%s"]}.\n'
                   % socket.gethostname())  # no name goes to a resolver
        self.write('rabbitmq.conf', '\n'.join([
            'listeners.tcp.1 = 127.0.0.1:%d' % self.port, 'default_user = dss',
            'default_pass = ' + self.password, 'default_vhost = dss', 'loopback_users = none',
            'log.console = false', 'log.file.level = info', 'collect_statistics_interval = 1000',
            'vm_memory_high_watermark.absolute = 4GB', 'disk_free_limit.absolute = 10MB',
            'listeners.ssl.1 = 127.0.0.1:%d' % self.tls_port,
            'ssl_options.cacertfile = %s/ca.pem' % tls, 'ssl_options.certfile = %s/cert.pem' % tls,
            'ssl_options.keyfile = %s/key.pem' % tls, 'ssl_options.verify = verify_none',
            'ssl_options.fail_if_no_peer_cert = false', *lines, '']))
        self.environment = {
            'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': self.folder, 'LANG': 'C.UTF-8',
            'ERL_EPMD_ADDRESS': '127.0.0.1', 'ERL_EPMD_PORT': str(free_port()),
            'ERL_INETRC': os.path.join(self.folder, 'inetrc'), 'RABBITMQ_NODENAME': self.node, 'RABBITMQ_DIST_PORT': str(free_port()),
            'RABBITMQ_CONFIG_FILE': os.path.join(self.folder, 'rabbitmq.conf'),
            'RABBITMQ_ADVANCED_CONFIG_FILE': os.path.join(self.folder, 'none'),
            'RABBITMQ_CONF_ENV_FILE': '/dev/null',
            'RABBITMQ_MNESIA_BASE': os.path.join(self.folder, 'data'),
            'RABBITMQ_LOG_BASE': os.path.join(self.folder, 'log'),
            'RABBITMQ_ENABLED_PLUGINS_FILE': os.path.join(self.folder, 'plugins'),
            'RABBITMQ_PID_FILE': os.path.join(self.folder, 'pid'),
            'RABBITMQ_CTL_DIST_PORT_MIN': str(free_port()),
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS':
                '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
            'RABBITMQ_CTL_ERL_ARGS': '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none',
        }
        self.environment['RABBITMQ_CTL_DIST_PORT_MAX'] = str(
            int(self.environment['RABBITMQ_CTL_DIST_PORT_MIN']) + 20)
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(text)

    @property
    def url(self):
        return 'amqp://%s@127.0.0.1:%d/%s' % (self.user, self.port, self.vhost)

    @property
    def tls_url(self):
        return 'amqps://%s@localhost:%d/%s' % (self.user, self.tls_port, self.vhost)

    def start(self):
        """Blocks until it takes connections."""
        if not self.epmd:
            self.epmd = subprocess.Popen(
                ['epmd', '-address', '127.0.0.1', '-port', self.environment['ERL_EPMD_PORT']],
                env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True)
        with open(os.path.join(self.folder, 'out'), 'ab') as out:
            self.process = subprocess.Popen([SERVER], env=self.environment, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            start_new_session=True)
        for port in (self.port, self.tls_port):
            self.wait(port)

    def wait(self, port):
        until = time.monotonic() + 120
        while not listens(port):
            if self.process.poll() is not None or time.monotonic() > until:
                with open(os.path.join(self.folder, 'out'), errors='replace') as f:
                    raise RuntimeError('the broker did not start:\n' + f.read()[-4000:])
            time.sleep(0.1)

    def kill(self):
        """SIGKILL to all of it at once; epmd stays."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while listens(self.port):
            time.sleep(0.01)

    def pause(self, is_paused):
        os.killpg(self.process.pid, signal.SIGSTOP if is_paused else signal.SIGCONT)

    def ctl(self, *words):
        done = subprocess.run([CTL, '--node', self.node, '--quiet', *words], env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False)
        if done.returncode:
            raise RuntimeError('rabbitmqctl %s: %s' % (' '.join(words), done.stderr.strip()))
        return done.stdout.strip()

    def eval(self, text):
        return self.ctl('eval', text)

    def purge(self):
        self.eval(PURGE)

    def queues(self):
        """{name: (ready, unacked)} as the broker counts them now."""
        rows = self.ctl('list_queues', '--vhost', self.vhost, '--no-table-headers', 'name',
                        'messages_ready', 'messages_unacknowledged')
        return {f[0]: (int(f[1]), int(f[2]))
                for f in (line.split('\t') for line in rows.splitlines()) if len(f) == 3}

    def alarm(self, is_on):
        """The memory alarm: connections that publish are blocked."""
        self.ctl('set_vm_memory_high_watermark', *(('0.0001',) if is_on else ('absolute', '4GB')))

    def close(self):
        for process in (self.process, self.epmd):
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def obey(broker, words):
    if words[0] == 'eval':
        return broker.eval(words[1])
    if words[0] == 'alarm':
        return broker.alarm(words[1] == 'on')
    return {'kill': broker.kill, 'start': broker.start, 'purge': broker.purge,
            'queues': broker.queues}[words[0]]()


def main():
    with Broker() as broker:
        print(json.dumps({'url': broker.url, 'port': broker.port, 'tls_port': broker.tls_port,
                          'ca_file': broker.ca_file, 'folder': broker.folder,
                          'password_file': broker.password_file, 'pid': broker.process.pid}),
              flush=True)
        for line in sys.stdin:
            print(json.dumps(obey(broker, line.strip().split(' ', 1))), flush=True)


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
