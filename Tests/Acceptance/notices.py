"""Notices over real wires: aiosmtpd takes the mail, a server of Python's own the webhooks.

    notices.py BINARY URL

Serves an empty database, names a mailbox, a channel and a program, syncs the sandbox of Meta at URL, and looks at what
arrives: letters, signatures, tries after an error, messages that are sent once more, and what becomes of one that was
on its way when its server was killed.
"""
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import queue
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from checks import credential, equal

binary, sandbox = sys.argv[1:3]
folder = tempfile.mkdtemp(prefix="sluice-notices-")
database = os.path.join(folder, "a.sqlite")
PATIENCE = 240


class Mailbox:
    """A mail server that wants TLS, a user and a password."""

    def __init__(self):
        self.mails = queue.Queue()
        self.wants_login = True
        key, self.certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.certificate,
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, key)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True, auth_required=True,
            auth_require_tls=True, authenticator=self.login)
        self.controller.start()

    def login(self, _server, _session, _envelope, _mechanism, data):
        is_one = (data.login, data.password) == (b"sluice", b"geheim")
        # Who is refused is told so by the server itself.
        return AuthResult(success=is_one, handled=is_one)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.put((envelope.mail_from, envelope.rcpt_tos, mail))
        return "250 OK"


class Receiver:
    """Keeps what comes, and answers what it is told for the path; a function is asked for its answer."""

    def __init__(self):
        self.calls, self.answers = queue.Queue(), {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.calls.put((self.path, dict(self.headers), body))
                status, headers = outer.answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path):
        answers = self.answers.get(path, [])
        answer = answers.pop(0) if answers else (200, {})
        return answer() if callable(answer) else answer

    def next(self, path, patience=PATIENCE):
        """The next call for that path; those for others are kept."""
        end, others = time.monotonic() + patience, []
        try:
            while True:
                call = self.calls.get(timeout=max(0.01, end - time.monotonic()))
                if call[0] == path:
                    return call
                others.append(call)
        finally:
            for call in others:
                self.calls.put(call)


class Server:
    """`sluice serve`, and a browser that is signed in."""

    def __init__(self, **variables):
        self.cookie = ""
        self.process = subprocess.Popen(
            [binary, "serve", "--database", database, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env=os.environ | variables | {"SLUICE_PRIVATE_WEBHOOKS": variables.get("SLUICE_PRIVATE_WEBHOOKS", "on")})
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"(http://127\.0\.0\.1:\d+)(/\S*)", line)
            if found and ("setup" in found[2] or found[2] == "/"):
                self.url, self.link = found[1], found[2]
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, accept="application/json"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"accept": accept, "content-type": "application/json", "cookie": self.cookie}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        for cookie in answer.headers.get_all("set-cookie") or []:
            if cookie.startswith("sluice="):
                self.cookie = cookie.split(";")[0]
        text = answer.read().decode()
        return answer.status, json.loads(text) if accept == "application/json" else text

    def set_up(self):
        code = self.link.split("code=")[1]
        equal(self.call("POST", "/setup", {
            "code": code, "workspace": "An Nhiên", "name": "Linh", "email": "linh@an.vn",
            "password": "cà phê sữa đá ngon"})[0], 200)

    def target(self, kind, address, events=("history",), **more):
        status, body = self.call("POST", "/sync/settings/notifications", {
            "kind": kind, "address": address, "events": list(events), **more})
        equal((status, body.get("error")), (201, None))
        return body

    def deliveries(self):
        return self.call("GET", "/sync/settings/notifications")[1]["deliveries"]

    def settled(self, identity, wanted, patience=PATIENCE):
        """Waits for a state of a delivery, and gives it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            [found] = [one for one in self.deliveries() if one["id"] == identity]
            if wanted(found):
                return found
            time.sleep(0.2)
        raise AssertionError(f"it stays {found}")

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=40)


def is_from_sluice(secret, headers, body):
    """As docs/notifications.md has it."""
    headers = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    identity, at = headers["webhook-id"], headers["webhook-timestamp"]
    code = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(code).decode()
    given = headers["webhook-signature"].split(" ")
    return abs(time.time() - int(at)) < 300 and any(hmac.compare_digest(wanted, one) for one in given)


def identity(call):
    return {name.lower(): value for name, value in call[1].items()}["webhook-id"]


mailbox, receiver = Mailbox(), Receiver()
MAIL = {
    "SLUICE_SMTP_URL": f"smtp://localhost:{mailbox.port}", "SLUICE_SMTP_FROM": "sluice@an.vn",
    "SLUICE_SMTP_USER": "sluice", "SLUICE_SMTP_PASSWORD": "geheim", "SLUICE_SMTP_CA": mailbox.certificate,
}
server = Server(**MAIL)
targets = {}


def sync():
    account = credential("account")
    done = subprocess.run(
        [binary, "sync", "meta", "--account", account, "--base-url", sandbox, "--database", database,
         "--detach"],
        env=os.environ | {"SLUICE_META_TOKEN": credential("token")}, capture_output=True, text=True)
    equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))


def one_message_for_each_cause():
    server.set_up()
    receiver.answers["/hook?key=1"] = [(500, {})]
    targets["mail"] = server.target("mail", "linh@an.vn", language="vi")
    targets["slack"] = server.target("slack", receiver.url + "/services/T0/B1/q7Zd", name="#sluice")
    targets["hook"] = server.target("webhook", receiver.url + "/hook?key=1", name="Kho")
    sync()

    sender, receivers, mail = mailbox.mails.get(timeout=PATIENCE)
    equal((sender, receivers), ("sluice@an.vn", ["linh@an.vn"]))
    assert re.fullmatch(r"Lịch sử của .+ đã đủ", mail["subject"]), mail["subject"]
    assert "Mọi ngày Meta còn cung cấp đều đã có." in mail.get_content(), mail.get_content()
    assert "An Nhiên" in mail.get_content()
    channel = json.loads(receiver.next("/services/T0/B1/q7Zd")[2])
    assert re.match(r"\*The history of .+ is complete\*\n", channel["text"]), channel


def a_webhook_is_signed_and_tried_again():
    first, second = receiver.next("/hook?key=1"), receiver.next("/hook?key=1")
    for call in (first, second):
        assert is_from_sluice(targets["hook"]["secret"], call[1], call[2])
        assert not is_from_sluice(targets["hook"]["secret"], call[1], call[2] + b" ")
        equal(json.loads(call[2])["type"], "notice.history")
    equal(identity(first), identity(second))
    [delivery] = [one for one in server.deliveries() if one["target_id"] == targets["hook"]["id"]]
    done = server.settled(delivery["id"], lambda one: one["status"] == "completed")
    equal((done["attempts"], done["answer"]), (2, "HTTP 200"))
    equal(len(server.deliveries()), 3)
    equal((mailbox.mails.qsize(), receiver.calls.qsize()), (0, 0))
    targets["delivery"] = done


def what_arrived_is_sent_again_only_when_asked_for():
    path = f"/sync/settings/notifications/deliveries/{targets['delivery']['id']}/resend"
    equal(server.call("POST", path)[0], 202)
    call = receiver.next("/hook?key=1")
    equal(identity(call), targets["delivery"]["message_id"])
    server.settled(targets["delivery"]["id"], lambda one: one["status"] == "completed")


def test(target):
    status, body = server.call("POST", f"/sync/settings/notifications/{target['id']}/test")
    equal(status, 202)
    return body["id"]


def a_redirect_is_not_followed_and_410_turns_a_target_off():
    receiver.answers["/moved"] = [(302, {"location": receiver.url + "/secret"})]
    moved = server.target("webhook", receiver.url + "/moved", name="moved")
    tried = server.settled(test(moved), lambda one: one["attempts"] == 1 and one.get("answer"))
    equal((tried["status"], tried["answer"]), ("pending", "HTTP 302, a redirect is not followed"))
    receiver.answers["/gone"] = [(410, {})]
    gone = server.target("slack", receiver.url + "/gone", name="gone")
    server.settled(test(gone), lambda one: one["status"] == "failed")
    [stored] = [
        one for one in server.call("GET", "/sync/settings/notifications")[1]["targets"] if one["id"] == gone["id"]]
    equal((stored["is_on"], stored["off_reason"]), (False, "HTTP 410"))
    equal([call[0] for call in iter_calls()], ["/moved", "/gone"])
    server.call("DELETE", f"/sync/settings/notifications/{moved['id']}")


def iter_calls():
    while not receiver.calls.empty():
        yield receiver.calls.get()


def a_mailbox_that_is_none_is_given_up_and_a_page_tells_it():
    nobody = server.target("mail", "nobody@an.vn", name="nobody")
    done = server.settled(test(nobody), lambda one: one["status"] == "failed")
    equal((done["attempts"], done["answer"]), (1, "The mailbox was refused (550)."))
    status, page = server.call(
        "POST", f"/sync/settings/notifications/{nobody['id']}/test", accept="text/html")
    equal(status, 200)
    assert "The test message did not arrive." in page, page[-2000:]


def a_message_on_its_way_survives_a_server_that_is_killed():
    global server
    held = threading.Event()

    def hold():
        held.wait(60)
        return (200, {})

    receiver.answers["/held"] = [hold]
    target = server.target("webhook", receiver.url + "/held", name="held")
    delivery = test(target)
    first = receiver.next("/held")
    cookie = server.cookie
    server.end(signal.SIGKILL)
    held.set()
    server = Server(**MAIL)
    server.cookie = cookie
    second = receiver.next("/held")
    equal(identity(first), identity(second))
    done = server.settled(delivery, lambda one: one["status"] == "completed")
    equal(done["attempts"], 2)
    time.sleep(3)
    equal([call[0] for call in iter_calls()], [])


def a_wrong_password_or_certificate_is_told_and_nothing_is_sent():
    global server
    cookie = server.cookie
    for variables, answer in [
        ({"SLUICE_SMTP_PASSWORD": "falsch"}, "The mail server refused user or password."),
        ({"SLUICE_SMTP_CA": "/etc/ssl/certs/ca-certificates.crt"}, "The certificate of the mail server was refused."),
    ]:
        server.end()
        server = Server(**(MAIL | variables))
        server.cookie = cookie
        tried = server.settled(test(targets["mail"]), lambda one: one.get("answer"))
        equal((tried["status"], tried["answer"]), ("pending", answer))
        server.call("POST", f"/sync/settings/notifications/{targets['mail']['id']}/toggle")
        server.call("POST", f"/sync/settings/notifications/{targets['mail']['id']}/toggle")
    equal(mailbox.mails.qsize(), 0)


def mail_to_this_machine_needs_no_encryption_unless_that_is_wanted():
    global server
    cookie = server.cookie
    mails = queue.Queue()

    class Plain:
        async def handle_DATA(self, _server, _session, envelope):
            mails.put(email.message_from_bytes(envelope.content, policy=email.policy.default))
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Plain(), hostname="127.0.0.1", port=port)
    controller.start()
    plain = {"SLUICE_SMTP_URL": f"smtp://127.0.0.1:{port}", "SLUICE_SMTP_FROM": "sluice@an.vn"}
    try:
        for wanted, answer in [({"SLUICE_SMTP_TLS": "on"}, "The mail server offers no encryption."),
                               ({}, "Accepted by the mail server.")]:
            server.end()
            server = Server(**(plain | wanted))
            server.cookie = cookie
            tried = server.settled(test(targets["mail"]), lambda one: one.get("answer"))
            equal(tried["answer"], answer)
            server.call("POST", f"/sync/settings/notifications/{targets['mail']['id']}/toggle")
            server.call("POST", f"/sync/settings/notifications/{targets['mail']['id']}/toggle")
        assert mails.get(timeout=PATIENCE)["Subject"], "a mail with a subject"
    finally:
        controller.stop()


def an_address_of_ones_own_network_is_refused_when_it_is_saved_and_when_it_is_called():
    global server
    cookie = server.cookie
    server.end()
    server = Server(**MAIL, SLUICE_PRIVATE_WEBHOOKS="")
    server.cookie = cookie
    for address in [receiver.url, receiver.url.replace("http:", "https:"), "https://169.254.169.254/latest",
                    "https://localhost/x", "https://[::ffff:10.0.0.1]/x"]:
        status, body = server.call("POST", "/sync/settings/notifications", {
            "kind": "webhook", "address": address, "events": ["failed"], "name": "n"})
        equal(status, 422)
        assert "no public address" in body["error"]["fields"]["address"], body
    # One that was stored before.
    tried = server.settled(test(targets["hook"]), lambda one: one.get("answer"))
    equal(tried["answer"], "The address leads into a private network.")
    equal(list(iter_calls()), [])


CHECKS = [
    one_message_for_each_cause, a_webhook_is_signed_and_tried_again, what_arrived_is_sent_again_only_when_asked_for,
    a_redirect_is_not_followed_and_410_turns_a_target_off, a_mailbox_that_is_none_is_given_up_and_a_page_tells_it,
    a_message_on_its_way_survives_a_server_that_is_killed, a_wrong_password_or_certificate_is_told_and_nothing_is_sent,
    mail_to_this_machine_needs_no_encryption_unless_that_is_wanted,
    an_address_of_ones_own_network_is_refused_when_it_is_saved_and_when_it_is_called,
]


def main():
    passed = 0
    try:
        for run in CHECKS:
            try:
                run()
                passed += 1
            except Exception:  # pylint: disable=broad-except
                print(f"FAILED {run.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
                continue
    finally:
        server.end()
        mailbox.controller.stop()
    print(f"{passed} passed, {len(CHECKS) - passed} failed")
    return 0 if passed == len(CHECKS) else 1


if __name__ == "__main__":
    sys.exit(main())
