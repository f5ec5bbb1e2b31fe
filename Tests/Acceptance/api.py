"""The API of a real server, as its own document tells of it: schemathesis (PyPI) makes calls from /openapi.json, good
ones and bad ones, and looks whether each answer is one that the document has.

    api.py BINARY URL [DATABASE]

Syncs a little of a sandbox of Meta, serves the database (a file of its own, or the one that is named), makes owners and
their tokens as people do, and lets it run with a fixed seed. What fails is printed as a call that can be repeated.
"""
import atexit
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

from checks import credential

binary, sandbox, *given = sys.argv[1:]
folder = tempfile.mkdtemp(prefix="sluice-api-")
atexit.register(shutil.rmtree, folder, True)
database = given[0] if given else os.path.join(folder, "a.sqlite")
environment = os.environ | {
    "SLUICE_META_TOKEN": credential("token"), "LC_ALL": "C.UTF-8",
    # The document names the fields of all credentials: what is made up for them reaches no platform.
    **{f"SLUICE_{name}_BASE_URL": sandbox for name in ["META", "SHOPEE", "PANCAKE", "ADMITAD", "BOOSTINY"]},
}
SEED = 17
PASSWORD = "cà phê sữa đá ngon"
CHECKS = ",".join([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "ignored_auth", "negative_data_rejection",
    "positive_data_acceptance", "missing_required_header", "use_after_free", "ensure_resource_availability",
    "named_fields",
])
# What the document allows may still be refused for what is stored, or is not: 422 with the fields that `named_fields`
# looks at, and links that were used (410). It is never what cannot be read (400).
SETTINGS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 410, 422, 429, "5xx"]
"""
# How many examples each, and what they are about. Ways in are slow for one network, so they are a part of their own;
# the last part ends what others need and comes by itself.
ENDS = r"/people/\{id\}|/tokens/\{id\}"
WAYS = r"^/(login|setup|invitation|password)$"
PARTS = {
    "looks": (25, ["--include-method", "GET"]),
    "changes": (3, [
        "--exclude-method", "GET", "--exclude-path-regex", ENDS + "|" + WAYS, "--rate-limit", "30/s"]),
    "ways in": (4, ["--exclude-method", "GET", "--include-path-regex", WAYS]),
    "ends": (8, ["--exclude-method", "GET", "--include-path-regex", ENDS]),
}
# Streams that never end, and backups, which would fill the folder.
LEFT_OUT = ["/events", "/live", "/sync/settings/backup"]
# One person may call so often and no more: the calls come from several in turn.
PEOPLE = 19
# Of all calls that may be told that they are too many.
MOST_REFUSED = 0.2
passed, failed = 0, 0


def check(name, holds, told=""):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(f"ok      {name}" if holds else f"FAILED  {name}\n{told}", flush=True)


def sync():
    subprocess.run(
        [binary, "sync", "meta", "--account", credential("account"), "--base-url", sandbox, "--database", database,
         "--streams", "campaigns,campaign_insights", "--range", "last_7_days"],
        check=True, capture_output=True, env=environment)


def serve():
    """The address and the code that makes the first owner."""
    log = open(os.path.join(folder, "log"), "w")
    process = subprocess.Popen(
        [binary, "serve", "--database", database, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log,
        text=True, env=environment)
    atexit.register(process.kill)
    for line in process.stdout:
        found = re.search(r"(http://\S+)/setup\?code=(\S+)", line)
        if found:
            # What else it says must not fill the pipe.
            threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()
            return found.groups()
    raise SystemExit("the server told no address: " + open(log.name).read())


def call(method, path, body=None, headers=None):
    request = urllib.request.Request(
        address + path, method=method, data=json.dumps(body).encode() if body is not None else None,
        headers={"Accept": "application/json", "Content-Type": "application/json"} | (headers or {}))
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read() or b"null")


def signed_in(path, **fields):
    status, headers, answer = call("POST", path, fields | {"password": PASSWORD})
    assert status == 200, answer
    return {"Cookie": headers["Set-Cookie"].split(";")[0]}


def token(session, name):
    status, _, made = call(
        "POST", "/sync/settings/tokens", {"name": name, "scopes": ["read", "run", "admin"]}, session)
    assert status == 201, made
    return made["token"]


def owners():
    """Tokens of as many people."""
    session = signed_in("/setup", code=code, workspace="Acceptance", name="Linh", email="linh@an.vn")
    yield token(session, "0")
    for number in range(1, PEOPLE):
        _, _, made = call(
            "POST", "/sync/settings/people", {"email": f"p{number}@an.vn", "role": "owner"}, session)
        own = signed_in("/invitation", code=made["link"].split("code=")[1], name=f"Person {number}")
        yield token(own, str(number))


def run(name, secrets):
    examples, parts = PARTS[name]
    report = os.path.join(folder, name + ".ndjson")
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"),
        "--config-file", os.path.join(folder, "schemathesis.toml"), "run", address + "/openapi.json",
        "--checks", CHECKS, "--seed", str(SEED),
        "--max-examples", str(examples), "--phases", "examples,coverage,fuzzing", "--mode", "all", "--no-color",
        "--generation-deterministic", "--generation-with-security-parameters", "false",
        "--continue-on-failure", "--request-timeout", "20", "--warnings", "off",
        "--report", "ndjson", "--report-ndjson-path", report, *parts,
    ]
    for path in LEFT_OUT:
        command += ["--exclude-path", path]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, timeout=1800,
        env=environment | {
            "COLUMNS": "120", "PYTHONPATH": os.path.dirname(os.path.abspath(__file__)),
            "SCHEMATHESIS_HOOKS": "api_hooks", "SLUICE_TOKENS": " ".join(secrets)})
    text = done.stdout + done.stderr
    cases = int((re.search(r"(\d+) generated", text) or [0, 0])[1])
    check(f"schemathesis, {name}: {cases} calls", done.returncode == 0 and cases > 50, text)
    with open(report) as lines:
        statuses = collections.Counter(re.findall(r'"status_code": ?(\d+)', lines.read()))
    print(f"        {dict(sorted(statuses.items()))}")
    total = sum(statuses.values())
    if name != "ways in":
        check(f"most calls of {name} are answered", total and statuses["429"] < MOST_REFUSED * total, statuses)


with open(os.path.join(folder, "schemathesis.toml"), "w") as settings:
    settings.write(SETTINGS)
sync()
address, code = serve()
secrets = list(owners())
threads = [
    threading.Thread(target=run, args=("looks", secrets[:PEOPLE // 6])),
    threading.Thread(target=run, args=("changes", secrets[PEOPLE // 6:])),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for secret in secrets:
    status = call("GET", "/accounts", None, {"Authorization": "Bearer " + secret})[0]
    check("a token still works", status == 200, status)
run("ways in", secrets[-1:])
run("ends", secrets[PEOPLE // 6:])
check("the server lives", call("GET", "/healthz")[0] == 200)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
