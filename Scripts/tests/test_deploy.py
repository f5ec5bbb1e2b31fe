"""What is deployed fits the program: units, the image, the compose file, the manifest."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = [path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")]


def source(path: str) -> str:
    return (ROOT / "Sources" / path).read_text(encoding="utf-8")


def routes() -> set[str]:
    return set(re.findall(r'router\.get\("(/\w+)"\)', source("SyncWeb/Server/HealthRoutes.swift")))


def drain_seconds() -> int:
    found = re.search(r"drainDeadline: Duration = \.seconds\((\d+)\)", source("sluice/Worker/WorkerSession.swift"))
    assert found
    return int(found[1])


def commands() -> set[str]:
    names = set()
    for file in (ROOT / "Sources/sluice/Commands").iterdir():
        names |= set(re.findall(r'commandName: "([\w-]+)"', file.read_text(encoding="utf-8")))
    return names


def option_names(command: str) -> set[str]:
    """Of a command, as its options are written: --stalled-after for stalledAfter."""
    names = re.findall(r"^    (?:@Flag.*)?\s*var (\w+)", source(f"sluice/Commands/{command}.swift"), re.MULTILINE)
    return {"--" + re.sub(r"([A-Z])", lambda found: "-" + found[1].lower(), name) for name in names}


def python_with_yaml() -> str | None:
    """Its parser is no part of the standard library; the distribution's Python often has it."""
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and not subprocess.run([python, "-c", "import yaml"], capture_output=True).returncode:
            return python
    return None


PYTHON = python_with_yaml()


def documents(name: str) -> list[dict]:
    program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))"
    done = subprocess.run(
        [PYTHON or "", "-c", program], input=(DEPLOY / name).read_text(encoding="utf-8"), capture_output=True,
        text=True, check=True)
    return json.loads(done.stdout)


class Units(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
    def test_they_are_understood(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS:
                # The program is not installed here; all else is taken as it is.
                text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/sluice", shutil.which("true") or "")
                (Path(folder) / unit.name.replace("@", "@act_1")).write_text(text, encoding="utf-8")
            done = subprocess.run(
                ["systemd-analyze", "verify", *map(str, Path(folder).iterdir())],
                capture_output=True, text=True, check=False)

        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Image(unittest.TestCase):
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    def test_it_has_what_the_program_loads_and_runs_as_nobody_in_particular(self) -> None:
        runtime = self.text.rpartition("\nFROM ")[2]

        for package in ("libpq5", "libsqlite3-0", "libsimdjson14", "libxlsxwriter4", "libcurl4", "ca-certificates",
                        "tzdata"):
            self.assertIn(package, runtime)
        user = re.search(r"^USER (\d+):(\d+)$", runtime, re.MULTILINE)
        self.assertIsNotNone(user)
        assert user
        self.assertIn(f"--uid {user[1]}", runtime)
        self.assertIn(f"--gid {user[2]}", runtime)
        self.assertIn("\nSTOPSIGNAL SIGTERM\n", runtime)
        self.assertIn("\nEXPOSE 8080 9464\n", runtime)

    def test_it_is_built_from_all_that_a_build_needs(self) -> None:
        build = self.text.rpartition("\nFROM ")[0]

        for package in ("libpq-dev", "libsqlite3-dev", "libsimdjson-dev", "libxlsxwriter-dev", "libcurl4-openssl-dev"):
            self.assertIn(package, build)


@unittest.skipUnless(PYTHON, "needs a Python with PyYAML")
class Compose(unittest.TestCase):
    def setUp(self) -> None:
        [self.file] = documents("compose.yaml")
        self.services = self.file["services"]

    def test_the_worker_is_asked_what_it_answers_and_has_the_time_to_drain(self) -> None:
        worker = self.services["worker"]
        words = " ".join(worker["healthcheck"]["test"])

        self.assertLessEqual({*re.findall(r"GET (/\w+)", words)}, routes())
        self.assertIn("/dev/tcp/127.0.0.1/9464", words)
        self.assertGreater(int(worker["stop_grace_period"].removesuffix("s")), drain_seconds())
        self.assertNotIn("ports", worker)
        self.assertEqual(worker["command"][:3], ["worker", "--listen", "0.0.0.0:9464"])
        self.assertLessEqual(
            {word for word in worker["command"] if word.startswith("--")}, option_names("WorkerCommand"))

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_the_probe_is_a_command_that_bash_understands(self) -> None:
        script = self.services["worker"]["healthcheck"]["test"][3].replace("$$", "$")

        self.assertEqual(subprocess.run(["bash", "-n", "-c", script], check=False).returncode, 0)
        # Nobody listens.
        script = script.replace("9464", "1")
        self.assertNotEqual(subprocess.run(["bash", "-c", script], capture_output=True, check=False).returncode, 0)

    def test_no_secret_and_no_name_of_ours_is_in_it(self) -> None:
        for service in self.services.values():
            for name, value in service["environment"].items():
                if re.search("PASSWORD|SECRET|TOKEN", name):
                    self.assertRegex(value, r"^\$\{\w+:\?.+\}$")
        for name in ("worker", "sluice"):
            self.assertTrue(self.services[name]["image"].startswith("${SLUICE_IMAGE:?"))
            self.assertEqual(self.services[name]["depends_on"], {"postgres": {"condition": "service_healthy"}})

    def test_the_data_is_on_a_volume(self) -> None:
        self.assertEqual(self.services["postgres"]["volumes"], ["postgres-data:/var/lib/postgresql/data"])
        self.assertIn("postgres-data", self.file["volumes"])


@unittest.skipUnless(PYTHON, "needs a Python with PyYAML")
class Kubernetes(unittest.TestCase):
    def setUp(self) -> None:
        self.documents = documents("kubernetes.yaml")
        self.found = {(one["kind"], one["metadata"]["name"]): one for one in self.documents}
        self.worker = self.found["Deployment", "sluice-worker"]["spec"]

    def pods(self) -> dict[str, dict]:
        pods = {"sluice-worker": self.worker["template"]["spec"]}
        for (kind, name), one in self.found.items():
            if kind == "CronJob":
                pods[name] = one["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        return pods

    def test_probes_ask_what_is_answered(self) -> None:
        [container] = self.worker["template"]["spec"]["containers"]
        asked = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}

        self.assertEqual({one["port"] for one in asked.values()}, {container["ports"][0]["name"]})
        self.assertEqual(
            [asked[name]["path"] for name in ("startup", "liveness", "readiness")],
            ["/healthz", "/healthz", "/readyz"])
        self.assertLessEqual({one["path"] for one in asked.values()}, routes())
        # A look at the database may take two seconds.
        self.assertGreater(container["readinessProbe"]["timeoutSeconds"], 2)
        port = container["ports"][0]["containerPort"]
        self.assertIn(f"0.0.0.0:{port}", container["args"])
        marks = self.worker["template"]["metadata"]["annotations"]
        self.assertEqual(marks["prometheus.io/port"], str(port))
        self.assertIn(marks["prometheus.io/path"], routes())

    def test_there_is_time_to_drain_and_always_a_worker(self) -> None:
        self.assertGreater(self.worker["template"]["spec"]["terminationGracePeriodSeconds"], drain_seconds() + 5)
        budget = self.found["PodDisruptionBudget", "sluice-worker"]["spec"]
        labels = self.worker["template"]["metadata"]["labels"]

        self.assertEqual(budget["maxUnavailable"], 1)
        self.assertGreaterEqual(self.worker["replicas"], 2)
        self.assertEqual(self.worker["selector"]["matchLabels"], labels)
        self.assertEqual(budget["selector"]["matchLabels"], labels)
        [away] = self.worker["template"]["spec"]["affinity"]["podAntiAffinity"][
            "preferredDuringSchedulingIgnoredDuringExecution"]
        self.assertEqual(away["podAffinityTerm"]["labelSelector"]["matchLabels"], labels)

    def test_nothing_runs_as_root_or_may_become_it(self) -> None:
        for name, pod in self.pods().items():
            with self.subTest(name):
                user = pod["securityContext"]
                self.assertTrue(user["runAsNonRoot"])
                self.assertIn(f"\nUSER {user['runAsUser']}:{user['runAsGroup']}\n", Image.text)
                self.assertFalse(pod["automountServiceAccountToken"])
                for container in pod["containers"]:
                    own = container["securityContext"]
                    self.assertFalse(own["allowPrivilegeEscalation"])
                    self.assertTrue(own["readOnlyRootFilesystem"])
                    self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                    self.assertIn("memory", container["resources"]["limits"])

    def test_secrets_are_references_and_images_are_for_you_to_name(self) -> None:
        self.assertNotIn("Secret", {one["kind"] for one in self.documents})
        for name, pod in self.pods().items():
            [container] = pod["containers"]
            with self.subTest(name):
                self.assertEqual(container["image"], "REGISTRY/sluice:TAG")
                for one in container["env"]:
                    self.assertEqual(list(one["valueFrom"]), ["secretKeyRef"])
                self.assertEqual(container["envFrom"], [{"configMapRef": {"name": "sluice"}}])
        database = self.found["ConfigMap", "sluice"]["data"]["SLUICE_DATABASE"]
        self.assertRegex(database, r"^postgres://\w+@[\w,-]+/\w+\?sslmode=require$")

    def test_commands_are_those_of_the_program(self) -> None:
        pods = self.pods()
        script = pods["sluice-enqueue"]["containers"][0]["args"][0]

        self.assertIn(pods["sluice-connect"]["containers"][0]["args"][0], commands())
        self.assertLessEqual({*re.findall(r"sluice (\w+)", script)}, commands())
        self.assertLessEqual({*re.findall(r"(--[\w-]+)", script)}, option_names("SyncCommand"))

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_one_account_that_fails_keeps_none_from_its_job(self) -> None:
        script = self.pods()["sluice-enqueue"]["containers"][0]["args"][0]
        with tempfile.TemporaryDirectory() as folder:
            accounts, program = Path(folder) / "accounts", Path(folder) / "sluice"
            accounts.write_text("act_1\n\nact_2\nact_3\n")
            program.write_text(f"#!/bin/sh\necho $4 >> {folder}/seen\ntest $4 != act_2\n")
            program.chmod(0o755)
            script = script.replace("/etc/sluice/accounts", str(accounts))
            done = subprocess.run(["bash", "-c", script], env={"PATH": f"{folder}:/usr/bin:/bin"}, check=False)
            seen = (Path(folder) / "seen").read_text().split()

        self.assertEqual((seen, done.returncode), (["act_1", "act_2", "act_3"], 1))


if __name__ == "__main__":
    unittest.main()
