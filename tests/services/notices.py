# SPDX-License-Identifier: Apache-2.0
"""Is what strangers wrote inert in each form of a notice, and does a mail arrive in a real Postfix? Forms are
read by Python's own readers of mail, HTML and JSON. Ends with `N passed, N failed`."""
import email
import email.policy
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from counted import check, end  # noqa: E402
from postfix import Postfix  # noqa: E402
from sender import BUILD, Sender  # noqa: E402

HOSTILE = [
    "plain", "", "a\r\nBcc: victim@example.org", "a\nX-Injected: 1\n\n<b>body", "\r\n.\r\nQUIT\r\n",
    "a\r\n\r\nbody", "\n--=_dlv_01jd--\n", "--=_dlv_01jd", "=?utf-8?q?=0D=0ABcc:_x?=", "=?UTF-8?B?PHNjcmlwdD4=?=",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>", "' onclick='x",
    "javascript:alert(1)", "https://evil.example/\" onclick=\"x", "&lt;b&gt;", "]]>", "<!--", "-->", "</title><b>",
    "<!channel> hi", "<!here|x>", "<@U012ABC>", "<https://evil.example|click>", "*bold* _it_ ~no~ `code`",
    "```\nblock\n```", ":boom: :smile:", "[text](https://evil.example)", "![x](https://evil.example/p.png)",
    "\u202eevil\u202c", "a\u200bb\u2066c\u2069", "\ufeffx", "\x1b[2J\x1b]0;owned\x07", "\x00nul\x00", "\x7f\x80",
    "\u0085next\u2028line\u2029end", "{{title}} {{#events}}", "{{{x}}}", "\\\" \\u0000 \\", "\"},{\"x\":\"", "%0d%0aX: y",
    "&text=injected&end=2", "x" * 5000, "ü" * 3000, "\U0001f4a9" * 700, "a " * 1200, "\t\t  ", ".", "From me",
    "xn--80ak6aa92e.com", "a.example.com. 300 IN TXT \"v=spf1 \\255\"", "=3D=\r\n", "a" * 76 + " " + "b" * 80,
    b"\xff\xfe\xfa", b"\xc3", b"\xed\xa0\x80", b"a\xf0\x9f\x92", b"\xe2\x80"]
FORMS = ["eml", "slack", "json", "own", "form", "html", "amqp"]
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def forms_of(folder):
    octets = [item if isinstance(item, bytes) else item.encode() for item in HOSTILE]
    subprocess.run([os.path.join(BUILD, "tests/services/notice_forms"), folder], check=True,
                   input=b"".join(item.hex().encode() + b"\n" for item in octets))
    forms = []
    for n in range(len(HOSTILE)):
        forms.append({})
        for form in FORMS:
            with open(os.path.join(folder, f"{n}.{form}"), "rb") as file:
                forms[n][form] = file.read()
    return forms


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.comments = [], "", 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted((name, "" if name == "title" else value) for name, value in attrs))))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.comments += 1

    def unknown_decl(self, data):
        self.comments += 1


def strings(value):
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(item)


def shape(value):
    """The same for every text that stands in it."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in sorted(value.items())}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def mail_is_inert(name, octets, first):
    check(f"{name}: only CR LF ends lines", not re.search(rb"(?<!\r)\n|\r(?!\n)", octets))
    longest = max(len(line) for line in octets.split(b"\r\n"))
    check(f"{name}: short lines", longest <= 998, longest)
    check(f"{name}: ASCII", all(byte < 0x80 for byte in octets))
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    check(f"{name}: the same headers", mail.keys() == first.keys(), mail.keys())
    check(f"{name}: no defects", not mail.defects, mail.defects)
    check(f"{name}: one recipient field", mail["To"] == "it@example.org, second@example.org", mail["To"])
    check(f"{name}: from us", mail["From"].addresses[0].addr_spec == "dss@example.org", mail["From"])
    check(f"{name}: a plain subject", not HIDDEN.search(mail["Subject"]), repr(mail["Subject"]))
    check(f"{name}: its id", mail["Message-ID"] == "<dlv_01jd@dss.example.org>", mail["Message-ID"])
    parts = [part for part in mail.walk() if not part.is_multipart()]
    check(f"{name}: two parts", [p.get_content_type() for p in parts] == ["text/plain", "text/html"])
    texts = [part.get_content() for part in parts]
    check(f"{name}: no control in its text", not any(HIDDEN.search(t.replace("\r\n", "\n")) for t in texts))
    return texts


def html_is_inert(name, text):
    page = Tags(text)
    allowed = {"html", "head", "meta", "title", "body", "h1", "h2", "h3", "ul", "li", "p", "a", "b", "br", "hr",
               "small", "code", "pre"}
    names = {tag for tag, _ in page.tags}
    check(f"{name}: only tags of ours", names <= allowed and not page.comments, names - allowed)
    check(f"{name}: only attributes of ours", all(
        key in ("lang", "charset", "style", "href") for _, attrs in page.tags for key, _ in attrs), page.tags)
    links = [dict(attrs).get("href", "") for tag, attrs in page.tags if tag == "a"]
    check(f"{name}: links of the web", all(re.fullmatch(r"https?://[!-~]+", link) for link in links), links)


def slack_is_inert(name, octets):
    message = json.loads(octets)
    texts = list(strings(message))
    check(f"{name}: no mention and no link", not any(c in text for text in texts for c in "<>"))
    check(f"{name}: no control", not any(HIDDEN.search(text) for text in texts))
    blocks = message["blocks"]
    check(f"{name}: within Slack's bounds", len(blocks) <= 50 and all(
        len(b["text"]["text"]) <= (150 if b["type"] == "header" else 3000) and b["text"]["type"] == "plain_text"
        for b in blocks if "text" in b), [len(b.get("text", {}).get("text", "")) for b in blocks])
    check(f"{name}: not markup", message["mrkdwn"] is False)


def forms_are_inert():
    with tempfile.TemporaryDirectory() as folder:
        forms = forms_of(folder)
    first = {form: json.loads(forms[0][form]) for form in ("slack", "json", "own", "amqp")}
    first_mail = email.message_from_bytes(forms[0]["eml"], policy=email.policy.default)
    for n, form in enumerate(forms):
        name = f"{n} {HOSTILE[n][:30]!r}"
        texts = mail_is_inert(f"mail {name}", form["eml"], first_mail)
        html_is_inert(f"mail {name}", texts[1])
        slack_is_inert(f"slack {name}", form["slack"])
        for kind in "json", "own", "amqp":
            value = json.loads(form[kind])
            check(f"{kind} {name}: no control", not any(
                HIDDEN.search(t) for t in strings(value)), value)
            if HOSTILE[n] and kind == "own":
                check(f"{kind} {name}: the same shape", shape(value) == shape(first[kind]))
        event = json.loads(form["amqp"])
        check(f"amqp {name}: its key", event["key"] == "finding.opened.high")
        check(f"amqp {name}: its type", event["cloudEvents:type"] == "dev.dss.finding.opened.v1")
        pairs = urllib.parse.parse_qsl(form["form"].decode("ascii"), keep_blank_values=True, strict_parsing=True)
        check(f"form {name}: its fields", [key for key, _ in pairs] == ["title", "text", "text", "text", "end"], pairs)
        own = Tags(form["html"].decode())
        check(f"html {name}: its tags", [t for t, _ in own.tags] == ["p", "b", "b", "b"] and not own.comments, own.tags)
        check(f"html {name}: printable", all(
            unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in own.text), repr(own.text[:80]))
    return [form["eml"] for form in forms]


def mails_arrive(mails):
    postfix = Postfix()
    try:
        sender = Sender(allow_networks=["127.0.0.0/8"], ca_file=postfix.ca_file)
        request = {"transport": "smtp", "host": "localhost", "mail_from": "dss@example.org",
                   "mail_to": ["it@example.org"], "body": mails[0]}
        login = {"user": postfix.user, "password": postfix.password}

        def ends(name, outcome, status, **changes):
            result = sender.send(**dict(request, **changes))
            check(name, (result["outcome"], result["status"]) == (outcome, status), result)
            check(f"{name}: no password is told", postfix.password not in str(result) and
                  "AUTH PLAIN" not in str(result))
            return result
        wanted = 3 + len(mails)
        ends("in clear to a relay", "delivered", 250, port=postfix.clear_port, tls="none")
        result = ends("STARTTLS and AUTH", "delivered", 250, port=postfix.port, **login)
        check("it said STARTTLS and AUTH", "> STARTTLS" in result["transcript"] and
              "> AUTH (not shown)" in result["transcript"], result["transcript"])
        ends("TLS from the first octet", "delivered", 250, port=postfix.tls_port, tls="implicit", **login)
        ends("a wrong password", "failed", 535, port=postfix.port, user=postfix.user, password="canary-wrong")
        ends("no password where one is needed", "failed", 554, port=postfix.port)
        ends("no STARTTLS offered", "failed", 0, port=postfix.clear_port)
        ends("a certificate of another name", "failed", 0, port=postfix.port, host="127.0.0.1", **login)
        ends("a password in clear", "refused", 0, port=postfix.clear_port, tls="none", **login)
        ends("a recipient nobody knows", "failed", 550, port=postfix.clear_port, tls="none",
             mail_to=["nobody@example.org"])
        ends("a recipient elsewhere", "failed", 554, port=postfix.clear_port, tls="none",
             mail_to=["x@example.net"])
        for address in ("it@example.org\r\nRCPT TO:<x@example.net>", "it@example.org> x", "it", "@", "it@exam ple.org"):
            ends(f"the recipient {address!r}", "refused", 0, port=postfix.clear_port, tls="none", mail_to=[address])
            ends(f"from {address!r}", "refused", 0, port=postfix.clear_port, tls="none", mail_from=address)
        for mail in mails:
            result = sender.send(**dict(request, port=postfix.clear_port, tls="none", body=mail))
            check("a hostile mail arrives", result["outcome"] == "delivered", result)
        result = ends("one of two recipients", "delivered", 250, port=postfix.clear_port, tls="none",
                      mail_to=["it@example.org", "nobody@example.org"])
        check("the other one is counted", result["refused_recipients"] == 1, result)
        arrived = postfix.mails(wanted + 1)
        check("so many arrived", len(arrived) == wanted + 1, f"{len(arrived)}\n{postfix.log()[-2000:]}")
        wanted_parts = sorted(parts_of(mail) for mail in mails)
        got_parts = sorted(parts_of(mail) for mail in arrived)
        check("as they were sent", set(map(str, got_parts)) == set(map(str, wanted_parts)))
        check("it leaves", sender.close() == 0 and not sender.words, sender.words)
    finally:
        postfix.stop()


def parts_of(octets):
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    return [str(mail["Subject"])] + [part.get_content().replace("\r\n", "\n") for part in mail.walk()
                                     if not part.is_multipart()]


def main():
    mails_arrive(forms_are_inert())
    return end()


sys.exit(main())
