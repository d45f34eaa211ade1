"""What `deploy/` gives the sysadmin agrees with the program, and one file with the other."""

import json
import os
import re
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from bot.cli import _parser
from bot.errors import ConfigurationError
from bot.faults import PREFIX, names_of
from bot.settings import Settings, load_settings
from deploy.service import GREFFIER

DEPLOY = Path(__file__).parents[1] / "deploy"
EXAMPLE = (DEPLOY / "greffier.example.env").read_text(encoding="utf-8")
ENVIRONMENT = (DEPLOY / "environment.sh").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "systemd" / "greffier.service").read_text(encoding="utf-8")
RUNBOOK = (DEPLOY / "runbook.md").read_text(encoding="utf-8")
GROUPS = {"GREFFIER_MATRIX", "GREFFIER_EMAIL", "GREFFIER_EMAIL__RETURNS", "GREFFIER_TELEGRAM"}
NOT_A_SERVICES = {"DATA_DIR", "LOG_JSON", "DATE", "DEMO", "DIAGNOSTICS", "SEMANTIC"}  # the unit's own, or a rehearsal's


def set_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(GREFFIER_\w+)=(.*)$", text, re.MULTILINE))


def test_the_example_names_every_setting_of_a_service_and_no_other() -> None:
    named = set(re.findall(r"^(?:# )?(GREFFIER_\w+)=", EXAMPLE, re.MULTILINE))

    assert named == set(names_of(Settings)) - GROUPS - {PREFIX + name for name in NOT_A_SERVICES}


def test_the_example_lacks_nothing_but_a_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in set_in(EXAMPLE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        load_settings()

    assert caught.value.faults == ("GREFFIER_MATRIX : donnez PASSWORD, ou ACCESS_TOKEN avec DEVICE_ID",)


def test_the_commands_of_the_runbook_exist() -> None:
    said = {tuple(words.split()[1:]) for words in re.findall(r"`(greffier [a-z ]+)`", RUNBOOK)}

    assert said == {("check",), ("health",), ("journal", "verify")}
    for words in said:
        _parser().parse_args(words)


def test_the_files_that_the_runbook_names_are_there() -> None:
    named = set(re.findall(r"deploy/[\w./-]+\w", RUNBOOK)) - {"deploy/greffier.env"}

    assert [name for name in sorted(named) if not (DEPLOY.parent / name).exists()] == []


def test_a_command_runs_as_the_service_does(tmp_path: Path) -> None:
    spy = tmp_path / "systemd-run"
    spy.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [str(DEPLOY / "systemd" / "greffier"), "journal", "verify"]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.splitlines()

    options = [line.removeprefix("--property=").removeprefix("--setenv=") for line in said if line.startswith("--")]
    lines = UNIT.splitlines()
    environment = [part for line in lines if line.startswith("Environment=") for part in shlex.split(line[12:])]
    folder = f"--working-directory={next(line[17:] for line in lines if line.startswith('WorkingDirectory='))}"
    ours = {"--quiet", "--pipe", "--wait", "--collect", "--service-type=exec"}
    started = next(line for line in lines if line.startswith("ExecStart="))
    assert [option for option in options if option not in {*lines, *environment, *ours, folder}] == []
    assert said[-6:] == [*started.removeprefix("ExecStart=").split()[:-1], "journal", "verify"]


def test_what_is_tested_is_started_as_what_is_deployed() -> None:
    _, *options = GREFFIER
    unit = next(line for line in UNIT.splitlines() if line.startswith("ExecStart="))
    image = dict(re.findall(r"^(ENTRYPOINT|CMD) (.+)$", IMAGE, re.MULTILINE))

    assert unit.split()[1:] == [*options, "run"]
    assert [*json.loads(image["ENTRYPOINT"])[1:], *json.loads(image["CMD"])] == [*options, "run"]


@pytest.mark.parametrize("text", [IMAGE, ENVIRONMENT], ids=["image", "environment"])
def test_bytecode_is_made_ahead_for_the_service_and_for_its_children(text: str) -> None:
    (levels,) = re.findall(r"-m compileall .*?((?:-o \d )+)", text)

    assert levels == f"-o 0 -o {GREFFIER[1].count('O')} "


@pytest.mark.parametrize("lock", sorted(path.name for path in (DEPLOY / "requirements").iterdir()))
def test_every_requirement_has_its_exact_version_and_its_hashes(lock: str) -> None:
    text = (DEPLOY / "requirements" / lock).read_text(encoding="utf-8").replace("\\\n", " ")

    assert [
        line for line in text.splitlines() if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []
