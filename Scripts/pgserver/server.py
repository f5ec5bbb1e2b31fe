"""One postmaster on its data folder: started, stopped, killed."""

import os
import signal
import subprocess
import time
from pathlib import Path

from . import system
from .system import HOST, Failed

# How long a server may take to start (recovery included) or to stop.
PATIENCE = 60
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Server:
    def __init__(self, folder: Path, data: Path, password: str) -> None:
        self.bin = system.binaries()
        self.folder = folder
        self.data = data
        self.log = folder / f"{data.name}.log"
        self.password = password
        self.port = 0
        self.query = ""
        self._process: subprocess.Popen | None = None

    @property
    def pid(self) -> int | None:
        """None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def url(self, user: str, database: str) -> str:
        return f"postgres://{user}:{self.password}@{HOST}:{self.port}/{database}{self.query}"

    def facts(self) -> dict:
        return {
            "url": self.url("sluice", "sluice"), "admin": self.url("postgres", "postgres"), "port": self.port,
            "data": str(self.data), "log": str(self.log), "pid": self.pid}

    def configure(self, settings: dict[str, str]) -> None:
        """The last line with a name counts."""
        with (self.data / "postgresql.conf").open("a") as file:
            for name, value in settings.items():
                escaped = value.replace("'", "''")
                file.write(f"{name} = '{escaped}'\n")

    def start(self) -> None:
        if self.pid:
            raise Failed(f"{self.data.name} runs already")
        fixed, tries = self.port != 0, 5
        while tries:
            tries -= 1
            if not fixed:
                self.port = system.free_port()
                self.configure({"port": str(self.port)})
            self._process = system.start([self.bin / "postgres", "-D", self.data], self.data, self.log)
            if self._is_ready():
                return
            if fixed or "Address already in use" not in system.tail(self.log):
                break
        self.end()
        raise Failed(f"{self.data.name} did not start:\n{system.tail(self.log)}")

    def _is_ready(self) -> bool:
        """The postmaster writes its state into the eighth line of its file."""
        deadline = time.monotonic() + PATIENCE
        while self.pid and time.monotonic() < deadline:
            try:
                lines = (self.data / "postmaster.pid").read_text().split("\n")
            except FileNotFoundError:
                lines = []
            if len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() in ("ready", "standby"):
                return True
            time.sleep(0.01)
        return False

    def stop(self, mode: str = "fast") -> None:
        if mode not in STOP_SIGNALS:
            raise Failed(f"a server stops {', '.join(STOP_SIGNALS)}; not {mode}")
        if not self.pid:
            return
        os.kill(self.pid, STOP_SIGNALS[mode])
        assert self._process is not None
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{self.data.name} did not stop in {PATIENCE} s") from error

    def kill(self) -> None:
        """SIGKILL to the postmaster. Its backends see that and end by themselves; busy ones are killed after 5 s.
        Until the last one is gone no server starts on this data."""
        if not self.pid:
            return
        backends = children(self.pid)
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        if not wait_for(lambda: not any(map(is_alive, backends)), 5):
            for backend in filter(is_alive, backends):
                os.kill(backend, signal.SIGKILL)
            wait_for(lambda: not any(map(is_alive, backends)), 5)

    def end(self) -> None:
        """Stops it as quickly as can be: nobody needs the data any more."""
        try:
            self.stop("immediate")
        except Failed:
            self.kill()

    def sql(self, text: str, database: str = "postgres") -> str:
        """As the superuser, through the socket."""
        command = [
            self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", self.port,
            "-U", "postgres", "-d", database, "-c", text]
        return system.run(command, self.folder).strip()


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """A process that ended and that nobody asked for its status is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
