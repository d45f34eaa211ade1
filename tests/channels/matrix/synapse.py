"""A real homeserver for the tests of the door: started once, thrown away."""

import hashlib
import hmac
import json
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".cache" / "synapse" / "bin" / "python"
_SHARED = "throw-away"
_FREE = {"per_second": 100_000, "burst_count": 100_000}


class Synapse:
    """Synapse on a port of this machine, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Write the configuration and wait until the homeserver answers."""
        config = self._folder / "homeserver.json"
        log_config = {"version": 1, "root": {"level": "ERROR"}}
        (self._folder / "log.json").write_text(json.dumps(log_config))
        config.write_text(json.dumps(self._config()))
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)]
        subprocess.run([*command, "--generate-keys"], check=True, capture_output=True)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def register(self, name: str, password: str) -> str:
        """A new account; returns its whole name."""
        address = f"{self.url}/_synapse/admin/v1/register"
        nonce = _ask(address)["nonce"]
        signed = f"{nonce}\0{name}\0{password}\0notadmin".encode()
        mac = hmac.new(_SHARED.encode(), signed, hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": password, "mac": mac, "admin": False}
        return str(_ask(address, account)["user_id"])

    def _wait(self) -> None:
        for _ in range(300):
            try:
                _ask(f"{self.url}/_matrix/client/versions")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("Synapse did not start")

    def _config(self) -> dict[str, Any]:
        folder = self._folder
        listener = {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "resources": [{"names": ["client"]}],
        }
        limits = {
            "rc_message": _FREE,
            "rc_registration": _FREE,
            "rc_login": {"address": _FREE, "account": _FREE, "failed_attempts": _FREE},
            "rc_joins": {"local": _FREE, "remote": _FREE},
            "rc_joins_per_room": _FREE,
            "rc_invites": {"per_room": _FREE, "per_user": _FREE, "per_issuer": _FREE},
            "rc_room_creation": _FREE,
        }
        return limits | {
            "server_name": "localhost",
            "public_baseurl": f"{self.url}/",
            "pid_file": str(folder / "pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
            "media_store_path": str(folder / "media"),
            "signing_key_path": str(folder / "signing.key"),
            "log_config": str(folder / "log.json"),
            "registration_shared_secret": _SHARED,
            "macaroon_secret_key": "m",
            "form_secret": "f",
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "encryption_enabled_by_default_for_room_type": "invite",
            "bcrypt_rounds": 4,
            "presence": {"enabled": False},
        }


def _ask(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310 -- our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)
