"""Speaks to the sandbox of Shopee as platforms.md 1.3 says, with nothing of ours in between."""
import copy
import hashlib
import hmac
import time
from decimal import Decimal

import checks
import wire
from checks import control, equal

PREFIX = "/api/v2/"
# Shops of the demo world: one with a GMS campaign, a larger one, one without GMS.
BIG, BIGGER, LITTLE = 220011, 220012, 220013
MAIN_ACCOUNT, MERCHANT = 440033, 330022
REFRESH, EXCHANGE = "auth/access_token/get", "auth/token/get"

# The demo world as it was at the start, and without what makes a walk slow: each check begins in the latter.
usual, plain = {}, {}


def connect(address):
    checks.connect(address)
    usual.update(control("world"))
    plain.update(copy.deepcopy(usual))
    plain["latency"] = {"base": 0, "jitter": 0, "row": 0}
    plain["limits"] |= {"appRate": 0, "appBurst": 0, "lockAfter": 0}
    plain["auth"].setdefault("consentShop", None)


class Answer(wire.Answer):
    number = Decimal

    @property
    def response(self):
        """What a call that went well brings."""
        if self.status != 200 or self.json.get("error") not in (None, "", "-"):
            raise AssertionError(f"{self.status} {self.text[:300]}")
        return self.json["response"]

    @property
    def refusal(self):
        return self.status, self.json["error"]


def sign(key, *parts):
    return hmac.new(key.encode(), "".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()


def send(method, path, query, body=None, patience=20):
    return wire.call(method, path, query, body, timeout=patience, kind=Answer)


class Caller:
    """A partner app, with the tokens it holds for a shop right now."""

    def __init__(self, shop=BIG, app="ads"):
        held = control(f"credentials?app={app}&account={shop}")
        self.shop, self.partner, self.key = shop, int(held["partner_id"]), held["partner_key"]
        self.access, self.refresh = held["access_token"], held["refresh_token"]

    def common(self, path, kind="shop", **other):
        """The parameters of every call; `other` replaces some before they are signed."""
        common = {"partner_id": self.partner, "timestamp": int(time.time())}
        if kind != "public":
            common |= {"access_token": self.access, f"{kind}_id": self.shop}
        common |= {name: value for name, value in other.items() if name != "key"}
        order = ("partner_id", None, "timestamp", "access_token", "shop_id", "merchant_id")
        parts = [path if name is None else common.get(name, "") for name in order]
        return common | {"sign": sign(other.get("key", self.key), *parts)}

    def call(self, method, path, query=None, body=None, kind="shop", patience=20, **other):
        path = PREFIX + path
        return send(method, path, self.common(path, kind, **other) | (query or {}), body, patience)

    def get(self, path, **query):
        """A shop call; a list goes into one parameter."""
        joined = {name: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value
                  for name, value in query.items()}
        return self.call("GET", path, joined)

    def post(self, path, **body):
        return self.call("POST", path, body=body)

    def public(self, path, **body):
        return self.call("POST", path, body=body, kind="public")

    def exchanged(self, code, **owner):
        return self.public(EXCHANGE, code=code, partner_id=self.partner, **owner)

    def refreshed(self, token=None, patience=20, **owner):
        body = {"refresh_token": token or self.refresh, "partner_id": self.partner}
        body |= owner or {"shop_id": self.shop}
        return self.call("POST", REFRESH, body=body, kind="public", patience=patience)


def fresh(shop=BIG, app="ads", **changes):
    """Starts the demo world again, with these settings changed; and who calls."""
    control("world", wire.merged(plain, changes))
    return Caller(shop, app)


def shops_with(**changes):
    """The shops of the demo world, the first one changed."""
    first, *others = copy.deepcopy(plain["shops"])
    return [first | changes, *others]


def apps_with(**changes):
    first, *others = copy.deepcopy(plain["apps"])
    return [first | changes, *others]


def refused(answer, status, code):
    equal(answer.refusal, (status, code))
    equal(isinstance(answer.json["message"], str) and bool(answer.json["request_id"]), True)


def shape(value, wanted):
    """Compares the names and kinds of an object: each kind is a type or a tuple of types."""
    equal(sorted(value), sorted(wanted))
    for name, kind in wanted.items():
        kinds = kind if isinstance(kind, tuple) else (kind,)
        is_right = isinstance(value[name], kinds) and (bool in kinds or not isinstance(value[name], bool))
        equal((name, value[name], is_right), (name, value[name], True))
