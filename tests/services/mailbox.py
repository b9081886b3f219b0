# SPDX-License-Identifier: Apache-2.0
"""A mail server of the simplest sort on loopback: no TLS, takes all, keeps what came."""
import email
import email.policy
import socketserver
import threading


class Mailbox:
    """with Mailbox(2525) as mailbox: mailbox.got holds (from, [to], message)"""

    def __init__(self, port=0, host="127.0.0.1"):
        self.got = []
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                sender, recipients = None, []
                self.say("220 mailbox.example ready")
                while line := self.rfile.readline(2000):
                    word = line[:4].upper().decode(errors="replace")
                    if word == "EHLO":
                        self.say("250-mailbox.example")
                        self.say("250 8BITMIME")
                    elif word == "MAIL":
                        sender, recipients = address_of(line), []
                        self.say("250 ok")
                    elif word == "RCPT":
                        recipients.append(address_of(line))
                        self.say("250 ok")
                    elif word == "DATA":
                        self.say("354 go on")
                        body = b""
                        while (line := self.rfile.readline(2000)) not in (b".\r\n", b""):
                            body += line[1:] if line.startswith(b".") else line
                        mailbox.got.append((sender, recipients,
                                            email.message_from_bytes(body, policy=email.policy.default)))
                        self.say("250 taken")
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.server = Server((host, port), Handler)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()


def address_of(line):
    return line.decode().split("<", 1)[1].split(">", 1)[0]


def text_of(message):
    part = message.get_body(("plain",))
    return part.get_content() if part else ""
