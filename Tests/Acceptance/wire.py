"""Plain HTTP for walks through a sandbox, which use no client of the platform and nothing of ours."""
import base64
import http.client
import json
import urllib.parse

import checks
from checks import control


class Answer:
    """What came back: `status`, `headers`, `text`, and `json`, which is None when the body is none."""

    # What a number with a fraction becomes.
    number = float

    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()
        try:
            self.json = json.loads(self.text, parse_float=self.number)
        except ValueError:
            self.json = None


def call(method, path, query=None, body=None, form=None, headers=None, timeout=30, kind=Answer):
    """One call on a connection of its own; whatever goes wrong with it is raised. `body` goes as JSON unless it is
    bytes; the answer is of that `kind`."""
    place = urllib.parse.urlsplit(checks.base)
    headers = dict(headers or {})
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode(form).encode()
    elif body is not None:
        headers.setdefault("Content-Type", "application/json")
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    if query:
        path += "?" + urllib.parse.urlencode(query, doseq=True, safe=",")
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers)
        return kind(connection.getresponse())
    finally:
        connection.close()


def merged(whole, changes):
    """`whole` with `changes` laid over it, objects key by key."""
    if not isinstance(whole, dict) or not isinstance(changes, dict):
        return changes
    return {**whole, **{key: merged(whole.get(key), value) for key, value in changes.items()}}


def replacing(old, new):
    """The change that makes `new` of `old`: what only `old` has is null."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {key: replacing(old.get(key), new.get(key)) for key in {**old, **new}}


class World:
    """The sandbox's world: `fresh` begins it anew, as it was `declared` when we came but for what is named."""

    def __init__(self, **always):
        self.declared = control("world")
        self.original = merged(self.declared, always)

    def fresh(self, **changes):
        control("world", replacing(control("world"), merged(self.original, changes)))

    def check(self, name, **changes):
        """Makes the decorated function a check in a fresh world with those changes."""
        def keep(body):
            def run():
                self.fresh(**changes)
                body()
            checks.check(name)(run)
            return body
        return keep


def claims(token):
    """Header and payload of a JWT, which must have three parts."""
    head, payload, _ = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (head, payload)]
