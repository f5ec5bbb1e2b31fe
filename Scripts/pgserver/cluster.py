"""A throw-away cluster: a primary, standbys when asked for, all in one temporary folder."""

import os
import secrets
import subprocess
from pathlib import Path
from types import TracebackType

from . import system, tls
from .scratch import Scratch
from .server import Server, wait_for
from .system import HOST, Failed, Unavailable

# No fsync: a power failure would lose data; a killed server does not.
FAST = {"fsync": "off", "full_page_writes": "off"}


class Cluster:
    """`with Cluster(...) as cluster` has a running primary, and leaves nothing."""

    def __init__(
        self, *, fast: bool = False, tls: bool = False, disk: str | None = None, icu: str | None = None,
        settings: dict[str, str] | None = None
    ) -> None:
        self._fast, self._tls, self._disk, self._icu = fast, tls, disk, icu
        self._settings = settings or {}
        self._scratch: Scratch | None = None
        self.folder = Path()
        self.servers: dict[str, Server] = {}

    @property
    def primary(self) -> Server:
        return self.server("primary")

    def server(self, name: str) -> Server:
        if name not in self.servers:
            raise Failed(f"there is no server {name}; servers: {' '.join(self.servers)}")
        return self.servers[name]

    def facts(self) -> dict:
        return self.primary.facts()

    def __enter__(self) -> "Cluster":
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make(self) -> None:
        self._scratch = Scratch()
        self.folder = self._scratch.path
        if self._disk:
            mount(self.folder / "disk", self._disk)
        server = Server(
            self.folder, self.folder / ("disk/primary" if self._disk else "primary"), secrets.token_hex(8))
        self.servers["primary"] = server
        self._create(server)
        server.configure(self._base_settings() | self._settings)
        server.start()
        server.sql(f"CREATE ROLE sluice LOGIN CREATEDB PASSWORD '{server.password}'")
        server.sql("CREATE DATABASE sluice OWNER sluice")

    def _create(self, server: Server) -> None:
        secret = self.folder / "password"
        secret.write_text(server.password)
        system.give(secret)
        command = [
            server.bin / "initdb", "-D", server.data, "-U", "postgres", "--pwfile", secret, "--encoding=UTF8",
            "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]
        if self._icu:
            command += ["--locale-provider=icu", f"--icu-locale={self._icu}"]
        if self._disk:
            # Segments of 16 MB would leave nothing of a small disk.
            command += ["--wal-segsize=1"]
        system.run(command, self.folder)
        if self._tls:
            server.query = f"?sslmode=verify-full&sslrootcert={tls.make(self.folder)}"
            rules = server.data / "pg_hba.conf"
            rules.write_text(rules.read_text().replace("\nhost ", "\nhostssl "))

    def _base_settings(self) -> dict[str, str]:
        settings = {
            "listen_addresses": HOST, "unix_socket_directories": str(self.folder), "timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ", "password_encryption": "scram-sha-256"}
        if self._disk:
            settings |= {"max_wal_size": "8MB", "min_wal_size": "2MB"}
        if self._tls:
            settings |= {
                "ssl": "on", "ssl_cert_file": str(self.folder / "server.crt"),
                "ssl_key_file": str(self.folder / "server.key")}
        return settings | (FAST if self._fast else {})

    # Commands: what tests do to a running cluster. Each takes words and gives facts.

    def commands(self) -> dict:
        return {
            "status": self.status, "stop": self.stop, "start": self.start, "restart": self.restart, "kill": self.kill,
            "standby": self.add_standby, "detach": self.detach, "promote": self.promote, "fill": self.fill,
            "free": self.free}

    def status(self) -> dict:
        return {name: server.facts() for name, server in self.servers.items()}

    def stop(self, mode: str = "fast", name: str = "primary") -> dict:
        self.server(name).stop(mode)
        return self.server(name).facts()

    def start(self, name: str = "primary") -> dict:
        self.server(name).start()
        return self.server(name).facts()

    def restart(self, mode: str = "fast", name: str = "primary") -> dict:
        self.stop(mode, name)
        return self.start(name)

    def kill(self, name: str = "primary") -> dict:
        self.server(name).kill()
        return self.server(name).facts()

    def add_standby(self, mode: str = "async", name: str = "standby") -> dict:
        """A streaming standby that has caught up; with `sync` the primary waits for it at each commit."""
        if mode not in ("async", "sync"):
            raise Failed(f"a standby is async or sync; not {mode}")
        if name in self.servers:
            raise Failed(f"there is a server {name}")
        primary = self.primary
        server = Server(self.folder, self.folder / name, primary.password)
        server.query = primary.query
        system.run(
            [
                server.bin / "pg_basebackup", "-D", server.data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
                "-h", HOST, "-p", primary.port, "-U", "postgres"],
            self.folder, PGPASSWORD=primary.password, PGAPPNAME=name)
        server.configure({"cluster_name": name})
        self.servers[name] = server
        server.start()
        if mode == "sync":
            primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            primary.sql("SELECT pg_reload_conf()")
        state = f"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{name}' AND state = 'streaming'"
        wanted = state + (" AND sync_state = 'sync'" if mode == "sync" else "")
        if not wait_for(lambda: primary.sql(wanted) == "1", 30):
            raise Failed(f"{name} does not stream:\n{system.tail(server.log)}")
        return server.facts() | {"urls": both(primary, server)}

    def detach(self, name: str = "standby") -> dict:
        """It receives nothing any more: what is committed from here on is lost when it is promoted."""
        server = self.server(name)
        server.sql("ALTER SYSTEM SET primary_conninfo = ''")
        server.sql("SELECT pg_reload_conf()")
        if not wait_for(lambda: server.sql("SELECT count(*) FROM pg_stat_wal_receiver") == "0", 30):
            raise Failed(f"{name} still receives")
        return server.facts()

    def promote(self, name: str = "standby") -> dict:
        server = self.server(name)
        if server.sql("SELECT pg_promote(true, 30)") != "t":
            raise Failed(f"{name} was not promoted:\n{system.tail(server.log)}")
        return server.facts()

    def fill(self, left: str = "0") -> dict:
        """Leaves so many bytes of the small disk."""
        if not self._disk:
            raise Failed("the data lies on no small disk: serve --disk 64M")
        ballast = self.folder / "disk/ballast"
        space = os.statvfs(self.folder / "disk")
        amount = space.f_bavail * space.f_frsize - int(left)
        if amount > 0:
            with ballast.open("ab") as file:
                os.posix_fallocate(file.fileno(), file.tell(), amount)
        space = os.statvfs(self.folder / "disk")
        return {"left": space.f_bavail * space.f_frsize}

    def free(self) -> dict:
        (self.folder / "disk/ballast").unlink(missing_ok=True)
        space = os.statvfs(self.folder / "disk")
        return {"left": space.f_bavail * space.f_frsize}

    def close(self) -> None:
        for server in self.servers.values():
            server.end()
        if self._scratch:
            self._scratch.remove()


def both(primary: Server, standby: Server) -> str:
    """One URL with both hosts, for a client that looks for the one that may write."""
    query = primary.query + ("&" if primary.query else "?") + "target_session_attrs=read-write"
    hosts = f"{HOST}:{primary.port},{HOST}:{standby.port}"
    return f"postgres://sluice:{primary.password}@{hosts}/sluice{query}"


def mount(place: Path, size: str) -> None:
    """A file system of that size, in memory."""
    if os.geteuid() != 0:
        raise Unavailable("only root can mount a small disk")
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", place], capture_output=True, text=True,
        check=False)
    if done.returncode != 0:
        raise Unavailable(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    system.give(place)
