"""PgBouncer in front of a server: transaction mode, with passwords on both sides."""

import signal
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from . import system
from .scratch import Scratch
from .server import PATIENCE, wait_for
from .system import HOST, Failed


class Bouncer:
    """`with Bouncer(url) as bouncer` answers at `bouncer.url`."""

    def __init__(self, url: str, *, pool: int = 20, settings: dict[str, str] | None = None) -> None:
        self._server = urlsplit(url)
        self._pool = pool
        self._settings = settings or {}
        self._process: subprocess.Popen | None = None
        self._scratch: Scratch | None = None
        self.folder = Path()
        self.port = 0

    @property
    def url(self) -> str:
        login = f"{self._server.username}:{self._server.password}"
        return self._server._replace(netloc=f"{login}@{HOST}:{self.port}", query="").geturl()

    def facts(self) -> dict:
        pid = self._process.pid if self._process else None
        return {"url": self.url, "port": self.port, "pid": pid, "log": str(self.folder / "log")}

    def __enter__(self) -> "Bouncer":
        program = system.program("pgbouncer")
        try:
            self._scratch = Scratch()
            self.folder = self._scratch.path
            self.port = system.free_port()
            self._configure()
            # SIGINT would wait for the clients.
            self._process = system.start(
                [program, self.folder / "pgbouncer.ini"], self.folder, self.folder / "log", end_by=signal.SIGTERM)
            if not wait_for(lambda: self._answers() or not self._is_alive(), PATIENCE) or not self._is_alive():
                raise Failed(f"PgBouncer did not start:\n{system.tail(self.folder / 'log')}")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _configure(self) -> None:
        user, password = (unquote(part or "") for part in (self._server.username, self._server.password))
        # The plain password: with the hash of it PgBouncer could not log in to the server.
        self._write("users", f'"{user}" "{password}"\n')
        settings = {
            "listen_addr": HOST, "listen_port": str(self.port), "unix_socket_dir": "", "auth_type": "scram-sha-256",
            "auth_file": str(self.folder / "users"), "admin_users": user, "pool_mode": "transaction",
            "default_pool_size": str(self._pool), "max_client_conn": "1000"} | self._settings
        lines = ["[databases]", f"* = host={self._server.hostname} port={self._server.port}", "[pgbouncer]"]
        self._write("pgbouncer.ini", "\n".join(lines + [f"{name} = {value}" for name, value in settings.items()]))

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o600)
        system.give(self.folder / name)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def close(self) -> None:
        if self._process and self._is_alive():
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._scratch:
            self._scratch.remove()

    # Commands. Each takes words and gives facts.

    def commands(self) -> dict:
        return {"status": self.facts, "kill": self.kill}

    def kill(self) -> dict:
        if self._process and self._is_alive():
            self._process.kill()
            self._process.wait()
        return self.facts()
