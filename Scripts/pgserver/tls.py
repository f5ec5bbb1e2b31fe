"""A certificate for the loopback address, made by an authority that exists for this one cluster."""

from pathlib import Path

from . import system

NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


def make(folder: Path) -> Path:
    """Gives the certificate of the authority."""
    key = ["-newkey", "rsa:2048", "-nodes"]
    system.run(
        ["openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "7", "-subj",
         "/CN=throw-away authority"], folder)
    system.run(
        ["openssl", "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"], folder)
    (folder / "names").write_text(NAMES)
    (folder / "names").chmod(0o644)
    system.run(
        ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
         "-days", "7", "-extfile", "names", "-out", "server.crt"], folder)
    (folder / "server.key").chmod(0o600)
    return folder / "ca.crt"
