# SPDX-License-Identifier: Apache-2.0
"""One request to a dss api on loopback."""
import http.client
import json


class NoAnswer(Exception):
    """Nobody said yes or no."""


def rest(port, method, path, body=None, fields=None, timeout=10):
    """(status, body as JSON or octets, the response). body: octets, or what becomes JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    fields = dict(fields or {})
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, data, fields)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(str(error)) from error
    finally:
        connection.close()
    if answer.getheader("Content-Type", "").startswith(("application/json", "application/problem+json")):
        return answer.status, json.loads(text), answer
    return answer.status, text, answer
