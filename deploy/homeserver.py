"""A real Matrix homeserver (Synapse) in an environment and a folder of its own, on 127.0.0.1 only.

Used by the demonstration and by the tests; the standard library alone, since it may run before anything is installed.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent / "requirements" / "synapse.txt"
_FREE = {"per_second": 100_000, "burst_count": 100_000}
_PATIENCE = 120.0  # seconds to answer for the first time: five are usual


def install(venv: Path) -> None:
    """Install Synapse in `venv`, when it is missing or its lock has changed."""
    stamp = venv / ".lock-synapse"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return
    print("  Installation de Synapse (une minute environ, la première fois)…", flush=True)
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(LOCK)], check=True)
    stamp.write_bytes(LOCK.read_bytes())


class Homeserver:
    """Synapse.

    Args:
        folder: its database, media, keys and configuration; a second start finds them again.
        venv: the environment that Synapse is installed in, made when missing.
        port: None draws a free one, once.
        default_limits: Synapse's own rate limits instead of none.
    """

    def __init__(
        self,
        folder: Path,
        *,
        venv: Path,
        server_name: str = "greffier.localhost",
        port: int | None = None,
        default_limits: bool = False,
    ) -> None:
        self._folder = folder
        self._venv = venv
        self._server_name = server_name
        self._default_limits = default_limits
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._facts = self._remembered(port)
        self.url = f"http://127.0.0.1:{self._facts['port']}"

    def install(self) -> None:
        """Make the environment when it is missing or its lock has changed."""
        install(self._venv)

    def start(self) -> None:
        """Start, and wait until it answers.

        Raises:
            RuntimeError: it stopped by itself, or does not answer.
        """
        config = self._folder / "homeserver.json"
        config.write_text(json.dumps(self._config()), encoding="utf-8")
        log = {
            "version": 1,
            "handlers": {"file": {"class": "logging.FileHandler", "filename": str(self._folder / "homeserver.log")}},
            "root": {"level": "WARNING", "handlers": ["file"]},
            "disable_existing_loggers": False,
        }
        (self._folder / "log.json").write_text(json.dumps(log), encoding="utf-8")
        command = [str(self._python), "-m", "synapse.app.homeserver", "-c", str(config)]
        if not (self._folder / "signing.key").exists():
            subprocess.run([*command, "--generate-keys"], check=True, capture_output=True)
        with (self._folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        self._wait()

    def register(self, localpart: str, password: str, *, display_name: str | None = None, admin: bool = False) -> str:
        """A new account; returns its whole name."""
        address = f"{self.url}/_synapse/admin/v1/register"
        nonce = _ask(address)["nonce"]
        signed = f"{nonce}\0{localpart}\0{password}\0{'' if admin else 'not'}admin".encode()
        account = {
            "nonce": nonce,
            "username": localpart,
            "displayname": display_name or localpart,
            "password": password,
            "admin": admin,
            "mac": hmac.new(self._facts["secret"].encode(), signed, hashlib.sha1).hexdigest(),
        }
        return str(_ask(address, account)["user_id"])

    def stop(self) -> None:
        """Stop in good order, or at once where that takes too long."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=30)
            self.kill()

    def kill(self) -> None:
        """Stop at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start, with the same data."""
        self.stop()
        self.start()

    @property
    def _python(self) -> Path:
        return self._venv / "bin" / "python"

    def _remembered(self, port: int | None) -> dict[str, Any]:
        """The port and the secrets, drawn once."""
        file = self._folder / "facts.json"
        if file.exists():
            facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if port is None or port == facts["port"]:
                return facts
        facts = {"port": port or free_port(), "secret": secrets.token_urlsafe(24)}
        descriptor = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            json.dump(facts, handle)
        return facts

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                _ask(f"{self.url}/_matrix/client/versions")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"Synapse ne répond pas : voyez {self._folder / 'homeserver.log'}")

    def _config(self) -> dict[str, Any]:
        folder, secret = self._folder, self._facts["secret"]
        listener = {
            "port": self._facts["port"],
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "resources": [{"names": ["client"]}],
        }
        limits: dict[str, Any] = {
            "rc_message": _FREE,
            "rc_registration": _FREE,
            "rc_login": {"address": _FREE, "account": _FREE, "failed_attempts": _FREE},
            "rc_joins": {"local": _FREE, "remote": _FREE},
            "rc_joins_per_room": _FREE,
            "rc_invites": {"per_room": _FREE, "per_user": _FREE, "per_issuer": _FREE},
            "rc_room_creation": _FREE,
        }
        return {
            "server_name": self._server_name,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(folder / "pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
            "media_store_path": str(folder / "media"),
            "signing_key_path": str(folder / "signing.key"),
            "log_config": str(folder / "log.json"),
            "registration_shared_secret": secret,
            "macaroon_secret_key": f"{secret}m",
            "form_secret": f"{secret}f",
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "encryption_enabled_by_default_for_room_type": "invite",
            "allow_public_rooms_without_auth": False,
            "bcrypt_rounds": 4,
            "presence": {"enabled": False},
            **({} if self._default_limits else limits),
        }


def free_port() -> int:
    """A port where nobody listens, below those that a system gives to whoever calls: none is taken in the meantime."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with contextlib.suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port


def _ask(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
