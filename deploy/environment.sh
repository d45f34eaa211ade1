# Sourced by tests/run and deploy/demo: one environment in .cache/, made when missing or when its lock changed.
# Sets VENV; prepare_python LOCK, prepare_servers.
CACHE="$PWD/.cache"
VENV="$CACHE/venv"

find_python() {
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] || continue
    if command -v "$candidate" >/dev/null 2>&1 &&
       "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Il faut Python 3.11 ou plus récent, avec venv et pip (sous Debian : apt install python3-venv)." >&2
  return 1
}

# prepare_python LOCK: the environment of deploy/requirements/LOCK.txt, and the bytecode of all that runs, even where
# PYTHONDONTWRITEBYTECODE forbids it: without it every start compiles 2,000 files. For the service (-OO) and for the rest.
prepare_python() {
  install_python "$1"
  "$VENV/bin/python" -m compileall -qq -j 0 -o 0 -o 2 --hardlink-dupes "$VENV/lib" bot handlers storage ||
    true  # a read-only folder only makes starts slower
}

install_python() {
  lock="deploy/requirements/$1.txt"
  mkdir -p "$CACHE"
  stamp="$VENV/.lock-$1"
  if [ -x "$VENV/bin/python" ] && [ -f "$stamp" ] && cmp -s "$lock" "$stamp"; then
    return
  fi
  python=$(find_python)
  echo "Installation de l’environnement Python (une minute environ, la première fois)…"
  [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
  "$VENV/bin/python" -c 'import pathlib, site, sys; pathlib.Path(site.getsitepackages()[0], "greffier.pth").write_text(sys.argv[1] + "\n")' "$PWD"
  printf '#!/bin/sh\nexec "%s/bin/python" -OO -m bot "$@"\n' "$VENV" > "$VENV/bin/greffier"
  chmod +x "$VENV/bin/greffier"
  # What is learnt once is kept in the user's cache, so that nobody waits for a first answer.
  "$VENV/bin/greffier" ask bonjour >/dev/null
  cp "$lock" "$stamp"
}

# prepare_servers: what the tests of whole journeys need: Synapse in its own environment, and Chromium from the machine.
# Says so loudly where it cannot.
prepare_servers() {
  "$VENV/bin/python" deploy/homeserver.py "$CACHE/synapse"
  if ! command -v chromium >/dev/null 2>&1 && ! command -v chromium-browser >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      echo "Installation de Chromium…"
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
    else
      echo "Chromium manque : installez-le (sous Debian : apt install chromium)." >&2
      [ "${CI:-}" != true ] || return 1
    fi
  fi
}
