"""For schemathesis, as api.py runs it: the tokens of several people in turn, and a check of our own."""
import itertools
import json
import os

import schemathesis

TOKENS = itertools.cycle(os.environ["SLUICE_TOKENS"].split())


@schemathesis.auth(refresh_interval=None)
class Turns:
    def get(self, case, context):
        return next(TOKENS)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = "Bearer " + data


@schemathesis.check
def named_fields(ctx, response, case):
    """A 422 tells of fields by names that were sent, or that the document has."""
    if response.status_code != 422:
        return
    error = response.json()["error"]
    if error["code"] != "invalid":
        return
    sent = set(case.query or {})
    if isinstance(case.body, dict):
        sent |= set(case.body)
    told = set(error.get("fields") or {})
    known = {name for name in told if f'"{name}"' in json.dumps(case.operation.definition.raw)}
    assert told <= sent | known, f"{told - sent - known} was neither sent nor is it in the document"
