"""What the scripts of this folder have in common: the control endpoint, named checks, and the loop that runs them."""
import json
import os
import sys
import traceback
import urllib.request

CHECKS = []
base = ""


def connect(address):
    """Keeps where the sandbox is, and says it."""
    global base
    base = address.rstrip("/")
    return base


def credential(name):
    """What the sandbox printed under that name when it started; Scripts/acceptance.sh passes it on."""
    return os.environ.get(f"SANDBOX_{name.upper()}") or sys.exit(f"SANDBOX_{name.upper()} is not set")


def control(path, body=None):
    """Asks an oracle (GET) or flips a switch (POST) of the sandbox."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{base}/sandbox/{path}", data=data)) as answer:
        return json.load(answer)


def check(name):
    """Makes the decorated function one check, with no faults after it."""
    def keep(body):
        def run():
            try:
                body()
            finally:
                control("faults", {"rules": []})
        CHECKS.append((name, run))
        return body
    return keep


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def filled(found):
    """The same, which must not be empty: a loop over nothing checks nothing."""
    found = list(found)
    if not found:
        raise AssertionError("nothing was found")
    return found


def each(results):
    """All of them hold, and there is at least one."""
    equal([place for place, result in enumerate(filled(results)) if not result], [])


def raised(kind, call):
    """The exception of that class that the call must end with."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


def run(finish=lambda: None):
    """Runs all checks, a line for each, and exits with 1 when one has failed."""
    passed, failed = 0, 0
    for name, action in CHECKS:
        try:
            action()
            passed += 1
            print(f"ok      {name}", flush=True)
        except Exception:  # a failing check must not end the others
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(limit=4)
    finish()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
