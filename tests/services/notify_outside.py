# SPDX-License-Identifier: Apache-2.0
"""The same over PostgreSQL and RabbitMQ, where no lock file tells who lives: two notifiers, one of which dies, and
the exchange dss.events."""
import json
import os
import signal
import subprocess
import sys
import time

import notify
from notify import Notifier, ask, cases, channel, domains_of, happen, rule, settled, until
from receiver import Receiver
from server import DSS, Server

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder)
                for folder in ("postgres", "rabbitmq")]
import broker as rabbit  # noqa: E402
import server as _api  # noqa: E402,F401

LEASE_SECONDS = 30


def postgres():
    """tests/postgres/server.py, whose name is taken here."""
    import importlib.util
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "postgres", "server.py")
    spec = importlib.util.spec_from_file_location("postgres_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Server()


def check_two(server, receiver, flags):
    """Two notifiers share the work, and each event goes once."""
    channel(server, "ops", receiver.url + "/ops")
    rule(server, "ops", "ops")
    one, two = Notifier(server, *flags), Notifier(server, *flags)
    names = happen(server, 60)
    until(lambda: len(domains_of(receiver, "/ops")) >= 60, "sixty events come", one)
    until(lambda: settled(server, "ops"), "all are settled", one)
    cases.same("each once", sorted(names), sorted(domains_of(receiver, "/ops")))
    return one, two


def check_lease(server, receiver, one, two):
    """Whoever has it dies while the receiver has not answered; the lease tells the other."""
    receiver.hold.clear()
    before = len(receiver.got)
    happen(server)
    until(lambda: len(receiver.got) > before, "it is under way", one)
    message = receiver.got[-1]["headers"]["webhook-id"]
    for notifier in (one, two):
        notifier.process.send_signal(signal.SIGSTOP)
    sending = [d["id"] for d in ask(server, "GET", "/deliveries?state=sending")["items"]]
    cases.same("and sending", [message], sending)
    for notifier in (one, two):
        notifier.process.send_signal(signal.SIGKILL)
        notifier.process.wait()
    receiver.hold.set()
    third = Notifier(server, *two.flags)
    until(lambda: settled(server, "ops"), "another one goes on when the lease is over", third, LEASE_SECONDS + 20)
    cases.same("with the same id", 2, receiver.ids().count(message))
    return third


def check_exchange(server, broker, notifier):
    """Events go to the exchange, once the broker has confirmed; those of a time without a broker come later."""
    broker.eval('Q = rabbit_misc:r(<<"dss">>, queue, <<"listener">>), '
                'rabbit_amqqueue:declare(Q, true, false, [], none, <<"test">>), '
                'X = rabbit_misc:r(<<"dss">>, exchange, <<"dss.events">>), '
                'rabbit_binding:add({binding, X, <<"domain.#">>, Q, []}, <<"test">>).')
    ask(server, "POST", "/channels", {"name": "bus", "kind": "amqp"}, 201)
    rule(server, "bus", "bus", events="domain.* finding.*")
    happen(server, 5)
    until(lambda: settled(server, "bus", 5), "the broker confirms", notifier)
    log = ask(server, "GET", "/channels/bus/deliveries")["items"]
    cases.same("all of them", ["delivered"] * 5, [d["state"] for d in log]) or print(log[0])
    cases.same("who has bound a queue gets them", 5, depth(broker))


def depth(broker):
    said = broker.eval('{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"dss">>, queue, <<"listener">>)), '
                       '[{messages, N}] = rabbit_amqqueue:info(Q, [messages]), N.')
    return int(said.strip())


def main():
    database = postgres()
    with database, rabbit.Broker() as broker, Receiver() as receiver:
        subprocess.run([DSS, "db", "migrate", "--store", database.url], check=True, stdout=subprocess.DEVNULL)
        flags = ("--bus", broker.url, "--bus-password-file", broker.password_file)
        with Server("--request-rate", "0", store=database.url) as server:
            one, two = check_two(server, receiver, flags)
            one.flags = two.flags = flags
            third = check_lease(server, receiver, one, two)
            check_exchange(server, broker, third)
            third.end()
        cases.true("the server ended well", not server.is_broken)
    return cases.end()


if __name__ == "__main__":
    sys.exit(main())
