# SPDX-License-Identifier: Apache-2.0
"""What happened arrives by every kind of channel at a real receiver: a digest at a Postfix, with STARTTLS and
AUTH; Slack's shape at a receiver that says 429; CloudEvents at a RabbitMQ, read by pika; JSON at a script.
Ends with `N passed, N failed`."""
import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import pika

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "rabbitmq")]
from broker import Broker  # noqa: E402
from postfix import Postfix  # noqa: E402
from receiver import Receiver  # noqa: E402
from server import DSS, Cases, Server  # noqa: E402

WAIT_SECONDS, MANY = 40, 12
cases = Cases()
names = [f"n{n}.example" for n in range(MANY)]


def until(condition, what, note=lambda: ""):
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and not condition():
        time.sleep(0.05)
    return cases.true(what, condition(), note())


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Queue:
    """One of ours at the broker, bound to dss.events."""

    def __init__(self, broker, key):
        parameters = pika.ConnectionParameters("127.0.0.1", broker.port, broker.vhost,
                                               pika.PlainCredentials(broker.user, broker.password))
        self.channel = pika.BlockingConnection(parameters).channel()
        self.channel.exchange_declare("dss.events", "topic", durable=True)
        self.name = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(self.name, "dss.events", key)
        self.got = []

    def read(self):
        while True:
            method, properties, body = self.channel.basic_get(self.name, auto_ack=True)
            if not method:
                return self.got
            self.got.append((method.routing_key, properties, json.loads(body)))


def settled(server, name):
    return [d["state"] for d in server.get(f"/api/v1/channels/{name}/deliveries?limit=1000").json()["items"]]


def is_settled(server, name):
    states = settled(server, name)
    return states and all(state in ("delivered", "failed") for state in states)


def set_up(server, receiver):
    def post(path, body):
        answer = server.ask("POST", "/api/v1" + path, body)
        cases.same(f"POST {path} {body['name']}", 201, answer.status) or print(answer.body[:500])
    common = {"events": "domain.created", "digest_s": 0}
    post("/channels", {"name": "desk", "kind": "mail", "to": ["it@example.org", "second@example.org"]})
    post("/channels", {"name": "chat", "kind": "slack", "url": receiver.url + "/slack"})
    post("/channels", {"name": "broker", "kind": "amqp"})
    post("/channels", {"name": "program", "kind": "script", "script": "tell"})
    post("/channels", {"name": "missing", "kind": "script", "script": "nothing-there"})
    post("/rules", {"name": "digest", "to": ["desk"], "events": "domain.created", "digest_s": 3})
    for name in "chat", "broker", "program", "missing":
        post("/rules", {"name": name, "to": [name], **common})


def check_mail(server, postfix):
    until(lambda: is_settled(server, "desk"), "the digest is settled", postfix.log)
    mails = postfix.mails(2)
    # one message, to two users of the same box
    messages = [email.message_from_bytes(mail, policy=email.policy.default) for mail in mails]
    cases.same("one digest for both recipients", 1, len({message["Message-ID"] for message in messages}))
    message = messages[0]
    cases.same("no defects", [], message.defects)
    cases.same("who it is from", "dss@example.org", message["From"].addresses[0].addr_spec)
    cases.true("its subject counts", f"{MANY} events" in message["Subject"], message["Subject"])
    cases.true("it says that it is automatic", message["Auto-Submitted"] == "auto-generated")
    text, page = [part.get_content() for part in message.walk() if not part.is_multipart()]
    cases.true("all are in its text", all(name in text for name in names), text[:2000])
    cases.true("and in its page", all(name in page for name in names))
    log = server.get("/api/v1/channels/desk/deliveries").json()["items"]
    cases.same("one delivery, at the first attempt", [("delivered", 1, 250)],
               [(d["state"], d["attempt"], d.get("status")) for d in log]) or print(log)
    shown = server.get("/api/v1/deliveries/" + log[0]["id"]).body.decode()
    cases.true("its log has the conversation, without the password", "STARTTLS" in shown and
               "AUTH (not shown)" in shown and postfix.password not in shown, shown[:3000])
    cases.true("Message-ID is the delivery's id", log[0]["id"] in message["Message-ID"], message["Message-ID"])


def check_slack(server, receiver):
    until(lambda: is_settled(server, "chat"), "all is told to Slack", lambda: settled(server, "chat"))
    taken = [json.loads(message["body"]) for message, status in zip(receiver.got, receiver.said) if status == 200]
    cases.same("each once and in order, though it said 429", names,
               [message["text"].split(":")[0] for message in taken])
    cases.true("it waited as it was asked to", all(
        later["at"] - earlier["at"] > 0.9 for earlier, later, status in
        zip(receiver.got, receiver.got[1:], receiver.said) if status == 429))
    cases.same("blocks", {"header", "section"}, {block["type"] for block in taken[0]["blocks"]})


def check_broker(server, every, other):
    until(lambda: len(every.read()) >= MANY, "all are published", lambda: settled(server, "broker"))
    until(lambda: is_settled(server, "broker"), "and confirmed")
    events = [(key, properties.headers, body) for key, properties, body in every.got]
    cases.same("each once and in order", names, [headers["cloudEvents:subject"] for _, headers, _ in events])
    cases.same("by their key", {"domain.created.none"}, {key for key, _, _ in events})
    cases.same("their type", {"dev.dss.domain.created.v1"}, {headers["cloudEvents:type"] for _, headers, _ in events})
    cases.same("ids of their own", MANY, len({headers["cloudEvents:id"] for _, headers, _ in events}))
    cases.same("and the ids of deliveries, by which repeats are known", MANY,
               len({properties.message_id for _, properties, _ in every.got}))
    cases.true("persistent JSON", all(p.delivery_mode == 2 and p.content_type == "application/json"
                                      for _, p, _ in every.got))
    cases.same("the body tells it", names, [body["data"]["events"][0]["domain"] for _, _, body in events])
    cases.same("who bound another key hears nothing", [], other.read())


def check_script(server, folder):
    until(lambda: is_settled(server, "program"), "all is told to the script", lambda: settled(server, "program"))
    with open(os.path.join(folder, "told"), encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    cases.same("each once and in order", names, [t["data"]["events"][0]["domain"] for t in told])
    def errors():
        return [d.get("error", "") for d in server.get("/api/v1/channels/missing/deliveries").json()["items"]]
    until(lambda: any("nothing-there" in error for error in errors()), "the log tells of a script that is not there", errors)


def test_pings(server):
    for name in "desk", "chat", "broker", "program":
        answer = server.ask("POST", f"/api/v1/channels/{name}/test", None, {"Prefer": "wait=20"})
        cases.same(f"a test of {name}", (200, "delivered"), (answer.status, answer.json().get("state"))) or print(
            answer.body[:600])


class Chat(Receiver):
    """Says 429 to every third message, and keeps what it said."""

    def __init__(self):
        super().__init__()
        self.said = []

        class Answers(list):
            def pop(_, __):
                status = (429, {"Retry-After": "1"}) if len(self.said) % 3 == 1 else (200, {})
                self.said.append(status[0])
                return status

            def __bool__(_):
                return True
        self.answers = Answers()


def run(postfix, broker, folder):
    os.mkdir(os.path.join(folder, "scripts"))
    write(os.path.join(folder, "scripts", "tell"), f"#!/bin/sh\ncat >>{folder}/told\necho >>{folder}/told\n", 0o700)
    password = write(os.path.join(folder, "smtp"), postfix.password + "\n")
    log = os.path.join(folder, "notifier.log")
    with Server("--request-rate", "0") as server, Chat() as receiver, open(log, "wb") as out:
        notifier = subprocess.Popen(
            [DSS, "notifier", "--data", server.data, "--store", server.store, "--log-level", "debug", "--log-format",
             "json", "--notify-network", "127.0.0.0/8", "--smtp", f"smtp://{postfix.user}@localhost:{postfix.port}",
             "--smtp-password-file", password, "--mail-from", "dss@example.org", "--notify-ca-file", postfix.ca_file,
             "--bus", broker.url, "--bus-password-file", broker.password_file, "--scripts",
             os.path.join(folder, "scripts")], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            every, other = Queue(broker, "domain.#"), Queue(broker, "takeover.#")
            set_up(server, receiver)
            for name in names:
                cases.same(f"POST {name}", 201, server.ask("POST", "/api/v1/domains", {"name": name}).status)
            check_broker(server, every, other)
            check_script(server, folder)
            check_slack(server, receiver)
            check_mail(server, postfix)
            test_pings(server)
        finally:
            notifier.send_signal(signal.SIGTERM)
            cases.same("the notifier ends well", 0, notifier.wait(40))
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        cases.true("nothing is wrong in its log", "Sanitizer" not in text and "runtime error" not in text, text[-4000:])
        cases.true("no secret in its log", postfix.password not in text and broker.password not in text)
    cases.true("the server ended well", not server.is_broken)


def main():
    postfix, broker = Postfix(), None
    try:
        broker = Broker()
        with tempfile.TemporaryDirectory() as folder:
            run(postfix, broker, folder)
    finally:
        postfix.stop()
        if broker:
            broker.close()
    return cases.end()


sys.exit(main())
