# SPDX-License-Identifier: Apache-2.0
"""Notifiers against a real receiver: each event goes once, signed, in order, whatever the receiver says and
whoever is killed. All of it is set up over the API."""
import json
import os
import signal
import subprocess
import sys
import time

from receiver import Receiver, is_signed
from server import DSS, Cases, Server

V1 = "/api/v1"
WAIT_SECONDS = 30
cases = Cases()
number = 0


class Notifier:
    def __init__(self, server, *flags):
        self.path = os.path.join(server.data, f"notifier.{time.monotonic_ns()}.log")
        self.log = open(self.path, "wb")
        self.process = subprocess.Popen(
            [DSS, "notifier", "--data", server.data, "--store", server.store, "--log-level", "debug",
             "--log-format", "json", "--notify-network", "127.0.0.0/8", "--scripts", scripts_of(server), *flags],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until(lambda: self.events("notifier.ready"), "the notifier is ready", self)

    def text(self):
        return open(self.path, encoding="utf-8", errors="replace").read()

    def events(self, name):
        return [line for line in map(json.loads, filter(lambda l: l.startswith("{"), self.text().splitlines()))
                if line["event"] == name]

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(40)
        self.log.close()
        if how == signal.SIGTERM:
            cases.same("it ends well", 0, code) or print(self.text()[-3000:])
        cases.true("nothing is wrong in its log", "Sanitizer" not in self.text() and "runtime error" not in self.text(),
                   self.text()[-4000:])


def scripts_of(server):
    folder = os.path.join(server.data, "scripts")
    if not os.path.exists(folder):
        os.mkdir(folder, 0o700)
        for name, text in (("keep", f"#!/bin/sh\ncat >>{folder}/got\necho \"kept $DSS_TYPE\"\n"),
                           ("refuse", "#!/bin/sh\necho no\nexit 7\n")):
            with open(os.path.join(folder, name), "w", opener=lambda path, flags: os.open(path, flags, 0o700)) as file:
                file.write(text)
    return folder


def until(condition, what, notifier=None, seconds=WAIT_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return cases.true(what, True)
        time.sleep(0.05)
    return cases.true(what, False, notifier.text()[-3000:] if notifier else "")


def ask(server, method, path, body=None, status=None, **headers):
    answer = server.ask(method, V1 + path, body, headers)
    if status:
        cases.same(f"{method} {path}", status, answer.status) or print("  ", answer.body[:400])
    return answer.json() if answer.body else None


def channel(server, name, url, **fields):
    return ask(server, "POST", "/channels", {"name": name, "kind": "webhook", "url": url, **fields}, 201)


def rule(server, name, to, events="domain.created", digest_s=0, **fields):
    return ask(server, "POST", "/rules", {"name": name, "to": [to], "events": events, "digest_s": digest_s, **fields},
               201)


def happen(server, count=1, **fields):
    """Domains that are added; their names."""
    global number
    names = []
    for _ in range(count):
        number += 1
        names.append(f"n{number}.example")
        ask(server, "POST", "/domains", {"name": names[-1], **fields}, 201)
    return names


def domains_of(receiver, path):
    return [event["domain"] for event in receiver.events(path)]


def settled(server, name, least=1):
    """So many deliveries are there, and none is on its way."""
    items = ask(server, "GET", f"/channels/{name}/deliveries?limit=1000")["items"]
    return len(items) >= least and not [d for d in items if d["state"] in ("open", "waiting", "sending")]


def check_once(server, receiver, notifier):
    made = channel(server, "ops", receiver.url + "/ops?token=canary-in-url")
    cases.true("a signing secret is made and shown", made["signing_secret"].startswith("whsec_"), made)
    rule(server, "ops", "ops")
    names = happen(server, 20)
    until(lambda: len(domains_of(receiver, "/ops?token=canary-in-url")) >= 20, "twenty events come", notifier)
    until(lambda: settled(server, "ops"), "all are settled", notifier)
    cases.same("each once", sorted(names), sorted(domains_of(receiver, "/ops?token=canary-in-url")))
    cases.same("each message has an id of its own", 20, len(set(receiver.ids())))
    cases.true("all are signed", all(is_signed(m, made["signing_secret"]) for m in receiver.got))
    log = ask(server, "GET", "/channels/ops/deliveries")
    cases.same("the log has them", {("delivered", 204, 1)},
               {(d["state"], d.get("status"), d["attempt"]) for d in log["items"]})
    one = ask(server, "GET", "/deliveries/" + log["items"][0]["id"])
    cases.same("one is shown with its events", "dev.dss.domain.created.v1", one["items"][0]["type"])
    again = ask(server, "POST", f"/deliveries/{one['id']}/redeliver", status=202)
    cases.same("it waits again", "waiting", again["state"])
    until(lambda: receiver.ids().count(one["id"]) == 2, "it is sent again, with the same id", notifier)
    everything = json.dumps([ask(server, "GET", "/channels"), ask(server, "GET", "/channels/ops"), log, one,
                             ask(server, "GET", "/audit"), ask(server, "GET", "/events?after=0")])
    cases.true("no answer shows a secret", "canary-in-url" not in everything and
               made["signing_secret"] not in everything)
    return made


def check_test(server, receiver):
    answer = server.ask("POST", V1 + "/channels/ops/test", None, {"Prefer": "wait=20"})
    cases.same("a test is delivered while one waits", (200, "delivered", "test"),
               (answer.status, answer.json()["state"], answer.json()["kind"]))
    cases.same("the receiver can tell", "test", json.loads(receiver.got[-1]["body"])["type"])
    receiver.answers.append((500, {}))
    answer = server.ask("POST", V1 + "/channels/ops/test", None, {"Prefer": "wait=20"})
    cases.same("one that fails says how", (200, "failed", 500, "ok\n"),
               (answer.status, answer.json()["state"], answer.json()["status"], answer.json().get("reply", ""))) or print(answer.json())
    answer = server.ask("POST", V1 + "/channels/nowhere/test", None, {"Prefer": "wait=5"})
    cases.same("a channel that is not there", 404, answer.status)


def check_rotation(server, receiver, notifier, made):
    changed = ask(server, "PATCH", "/channels/ops", {"signing_secret": ""}, 200, **{"If-Match": "*"})
    happen(server)
    before = len(receiver.got)
    until(lambda: receiver.await_count(before + 1, 10), "a message after the rotation", notifier)
    message = receiver.got[-1]
    cases.true("it is signed with both secrets", is_signed(message, made["signing_secret"]) and
               is_signed(message, changed["signing_secret"]) and changed["signing_secret"] != made["signing_secret"])


def check_order(server, receiver, notifier):
    """One domain's events come in order, though the receiver asks to wait."""
    channel(server, "order", receiver.url + "/order")
    rule(server, "order", "order", events="domain.*")
    name = happen(server)[0]
    until(lambda: domains_of(receiver, "/order"), "the first comes", notifier)
    receiver.answers += [(429, {"Retry-After": "1"}), (429, {"Retry-After": "1"})]
    for tag in ("a", "b", "c"):
        ask(server, "PATCH", f"/domains/{name}", {"tags": [tag]}, 200, **{"If-Match": "*"})
    until(lambda: settled(server, "order") and len(domains_of(receiver, "/order")) >= 6, "all come", notifier)
    seen = []
    for event in receiver.events("/order"):
        if event["id"] not in seen:
            seen.append(event["id"])
    cases.same("in order", sorted(seen), seen)
    cases.same("none was lost", 4, len(seen))
    attempts = {d["attempt"] for d in ask(server, "GET", "/channels/order/deliveries")["items"]}
    cases.same("waiting is no attempt", {1}, attempts)


def check_digest(server, receiver, notifier):
    channel(server, "digest", receiver.url + "/digest")
    rule(server, "digest", "digest", digest_s=2, selector="tag:digest")
    names = happen(server, 30, tags=["digest"])
    happen(server, 3)
    until(lambda: receiver.events("/digest"), "a digest comes", notifier)
    until(lambda: settled(server, "digest"), "it is settled", notifier)
    messages = [m for m in receiver.got if m["path"] == "/digest"]
    cases.same("all in it, once", names, domains_of(receiver, "/digest"))
    cases.true("in few messages", len(messages) <= 3, len(messages))
    looked = ask(server, "GET", "/rules/digest/preview?days=1")
    cases.same("the preview says the same", 30, looked["wanted"])
    tried = ask(server, "POST", "/rules/preview", {"events": "domain.created", "selector": "tag:digest", "digest_s": 0},
                200)
    cases.same("and what another would have sent", (30, 0), (tried["alone"], tried["digests"]))


def check_template(server, receiver, notifier):
    """A body of the user's own, signed as well; one that cannot be is refused with its place."""
    made = channel(server, "own", receiver.url + "/own",
                   template='{"text":"{{title}}","domains":[{{#events}}"{{domain}}"{{^last}},{{/last}}{{/events}}]}')
    rule(server, "own", "own", selector="tag:own")
    name = happen(server, tags=["own"])[0]
    until(lambda: [m for m in receiver.got if m["path"] == "/own"], "a message by template comes", notifier)
    message = [m for m in receiver.got if m["path"] == "/own"][-1]
    cases.same("with the values", [name], json.loads(message["body"])["domains"])
    cases.true("it is signed", is_signed(message, made["signing_secret"]))
    for template in ("{{nothing}}", "{{#events}}", "{{{title}}}"):
        answer = server.ask("POST", V1 + "/channels", {"name": "bad", "kind": "webhook", "url": "https://x.example",
                                                       "template": template})
        cases.same(f"refused: {template}", (422, [("#/template", "template")]), (answer.status, answer.errors()))


def check_gone(server, receiver, notifier):
    channel(server, "gone", receiver.url + "/gone")
    rule(server, "gone", "gone", selector="tag:gone")
    rule(server, "told", "ops", events="delivery.disabled")
    receiver.by_path["/gone"] = (410, {})
    happen(server, tags=["gone"])
    until(lambda: not ask(server, "GET", "/channels/gone")["enabled"], "410 disables the channel", notifier)
    until(lambda: "delivery.disabled" in [e["type"] for e in receiver.events("/ops?token=canary-in-url")],
          "another channel is told", notifier)


def check_denied(server, notifier):
    """Without an exception for it an inside address is refused, and that is final."""
    channel(server, "inside", "http://169.254.169.254/latest")
    answer = server.ask("POST", V1 + "/channels/inside/test", None, {"Prefer": "wait=20"})
    cases.same("an inside address is refused", ("failed", True),
               (answer.json()["state"], "error" in answer.json())) or print(answer.json())


def dss(server, *words):
    """The command line against the same server: its exit code and what it said."""
    token = os.path.join(server.data, "token")
    with open(token, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(server.token)
    done = subprocess.run([DSS, *words, "--server", server.url, "--token-file", token],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout.decode()


def check_commands(server, receiver, notifier):
    """All of it from the command line: a channel, its rule, a test, the log, once more, away."""
    url = os.path.join(server.data, "hook.url")
    with open(url, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(receiver.url + "/line\n")
    code, said = dss(server, "notify", "add", "line", "--url-file", url, "--tag", "line", "--digest", "0",
                     "--events", "domain.created")
    cases.true("notify add", code == 0 and "signing secret, shown this once: whsec_" in said and
               "would have sent 0 digests, 0 at once" in said, said)
    code, said = dss(server, "notify", "test", "line")
    cases.true("notify test", code == 0 and "line: delivered, status 204" in said, said)
    names = happen(server, 2, tags=["line"])
    until(lambda: len(domains_of(receiver, "/line")) >= 2, "what the command line set up works", notifier)
    cases.same("by its rule", sorted(names), sorted(domains_of(receiver, "/line")))
    until(lambda: settled(server, "line"), "they are settled", notifier)
    code, said = dss(server, "notify", "log", "line", "-f", "jsonl")
    log = [json.loads(line) for line in said.splitlines()]
    cases.same("notify log", (0, ["delivered"] * 3), (code, [line["state"] for line in log]))
    code, said = dss(server, "notify", "show", log[0]["id"])
    cases.true("notify show", code == 0 and "HTTP 204" in said, said)
    code, said = dss(server, "notify", "redeliver", log[0]["id"])
    until(lambda: receiver.ids("/line").count(log[0]["id"]) == 2, "notify redeliver", notifier)
    code, said = dss(server, "notify", "rules", "preview", "line")
    cases.true("notify rules preview", code == 0 and "would have sent 0 digests, 2 at once" in said, said)
    code, said = dss(server, "notify", "rotate", "line")
    cases.true("notify rotate", code == 0 and "whsec_" in said and "good for a day more" in said, said)
    code, said = dss(server, "notify", "rules", "add", "more", "--to", "line,ops", "--min", "high")
    cases.true("notify rules add", code == 0, said)
    code, said = dss(server, "notify", "rules")
    cases.true("notify rules", code == 0 and "line, ops" in said.replace("ops, line", "line, ops"), said)
    code, said = dss(server, "notify", "disable", "line")
    code, said = dss(server, "notify", "test", "line")
    cases.true("a test of a disabled one", code == 2 and "enable it first" in said, (code, said))
    for words in (("enable", "line"), ("rm", "line"), ("rules", "rm", "more")):
        code, said = dss(server, "notify", *words)
        cases.same("notify " + " ".join(words), 0, code) or print(said)
    cases.same("both are gone", (404, 404), (server.get(V1 + "/channels/line").status,
                                             server.get(V1 + "/rules/line").status))
    for words, wanted in ((("add", "x"), "how?"), (("add", "x", "--url", "ftp://x"), "https://"),
                          (("add", "x", "--mail", "nobody"), "no mail address"),
                          (("add", "x", "--url", "https://x", "--events", "findings.*"), "no event is called"),
                          (("rules", "what"), "none of")):
        code, said = dss(server, "notify", *words)
        cases.true("refused: " + " ".join(words), code == 2 and wanted in said, (code, said))
    cases.same("and nothing is left of it", 404, server.get(V1 + "/channels/x").status)
    code, said = dss(server, "domains", "add", "mailed.example", "--mail", "Me@Example.com")
    cases.true("domains add --mail says that no mail server is set", code == 5 and "added mailed.example" in said and
               "no mail server is set" in said, (code, said))
    made = ask(server, "GET", "/channels/mail.me.at.example.com", status=200)
    cases.same("makes a channel", (["me@example.com"], "mail"), (made["to"], made["kind"]))
    cases.same("and a rule for its domains", "tag:mail.me.at.example.com",
               ask(server, "GET", "/rules/mail.me.at.example.com", status=200)["selector"])
    cases.same("of which it is one", ["mail.me.at.example.com"],
               ask(server, "GET", "/domains/mailed.example", status=200)["tags"])


def check_script(server):
    """A program of the operator's gets the same JSON; one that fails is told of; names do not leave the folder."""
    ask(server, "POST", "/channels", {"name": "keep", "kind": "script", "script": "keep"}, 201)
    rule(server, "keep", "keep", selector="tag:keep")
    names = happen(server, 3, tags=["keep"])
    until(lambda: settled(server, "keep", 3), "a script is told")
    with open(os.path.join(scripts_of(server), "got"), encoding="utf-8") as file:
        told = file.read().replace("}{", "}\n{").splitlines()
    cases.same("of each event, in order", names, [json.loads(line)["data"]["events"][0]["domain"] for line in told])
    log = ask(server, "GET", "/channels/keep/deliveries")["items"]
    cases.same("what it says is kept", {("delivered", "kept domain.created")},
               {(d["state"], d.get("reply", "").strip()) for d in log})
    for script, wanted in (("refuse", 7), ("missing", None)):
        ask(server, "POST", "/channels", {"name": script, "kind": "script", "script": script}, 201)
        answer = server.ask("POST", V1 + f"/channels/{script}/test", None, {"Prefer": "wait=20"}).json()
        cases.same(f"a script: {script}", ("failed", wanted, True),
                   (answer["state"], answer.get("status"), "error" in answer)) or print(answer)
    ask(server, "POST", "/channels", {"name": "away", "kind": "amqp"}, 201)
    answer = server.ask("POST", V1 + "/channels/away/test", None, {"Prefer": "wait=20"}).json()
    cases.same("no broker, no exchange", ("failed", True), (answer["state"], "bus.url" in answer.get("error", "")))


def check_kill(server, receiver, notifier):
    """Killed while the receiver has not answered: another one sends it again, with the same id."""
    receiver.hold.clear()
    before = len(receiver.got)
    happen(server)
    until(lambda: len(receiver.got) > before, "it is under way", notifier)
    states = [d["state"] for d in ask(server, "GET", "/channels/ops/deliveries?limit=1")["items"]]
    cases.same("and sending", ["sending"], states)
    killed = receiver.got[-1]["headers"]["webhook-id"]
    notifier.end(signal.SIGKILL)
    receiver.hold.set()
    began = time.monotonic()
    second = Notifier(server)
    until(lambda: settled(server, "ops"), "another one goes on", second)
    cases.true("at once: the lock of the dead one is free", time.monotonic() - began < 15)
    cases.same("with the same id", 2, receiver.ids().count(killed))
    return second


def main():
    with Server("--request-rate", "0") as server, Receiver() as receiver:
        notifier = Notifier(server)
        made = check_once(server, receiver, notifier)
        check_test(server, receiver)
        check_rotation(server, receiver, notifier, made)
        check_order(server, receiver, notifier)
        check_digest(server, receiver, notifier)
        check_template(server, receiver, notifier)
        check_gone(server, receiver, notifier)
        check_denied(server, notifier)
        check_commands(server, receiver, notifier)
        check_script(server)
        notifier = check_kill(server, receiver, notifier)
        notifier.end()
        text = notifier.text() + open(server.log_path, encoding="utf-8", errors="replace").read()
        cases.true("no log shows a secret", "canary-in-url" not in text and made["signing_secret"] not in text)
    cases.true("the server ended well", not server.is_broken)
    return cases.end()


if __name__ == "__main__":
    sys.exit(main())
