"""The command line: `greffier run`, `console`, `ask`, `rehearse`, `journal`, `check`."""

import argparse
import asyncio
import contextlib
import gc
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.clock import Clock, paris
from bot.errors import CampagneError, ConfigurationError, DatabaseError
from bot.events import configure_logging
from bot.leaving import until_told
from bot.memory import give_back
from bot.settings import Settings, load_settings, own_secret

if TYPE_CHECKING:
    from bot.app import MakeDoor

_SILENCE = 120  # seconds without a word from the homeserver
_MORNING = 9  # the hour of a day given without one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status: 0 done, 1 something to do, 2 what no new try would mend."""
    given = _parser().parse_args(arguments)
    try:
        status: int = given.command(given)
    except (ConfigurationError, CampagneError) as error:
        print("Greffier ne peut pas démarrer :", file=sys.stderr)
        _say_faults(error.faults)
        return 2
    except DatabaseError as error:  # it may pass: whoever keeps the service up tries again
        print("Greffier ne peut pas démarrer :", file=sys.stderr)
        _say_faults([str(error)])
        return 1
    except BaseExceptionGroup as group:  # what ends the service from inside: the session with the homeserver is over
        known = [one for one in _leaves(group) if isinstance(one, ConfigurationError | DatabaseError)]
        if not known:
            raise
        print("Greffier s’arrête :", file=sys.stderr)
        _say_faults([fault for one in known for fault in str(one).splitlines()])
        return 1
    return status


def _say_faults(faults: Sequence[str]) -> None:
    for fault in faults:
        print(f"  - {fault}", file=sys.stderr)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="greffier", description="Le greffier d’un appel à candidatures.")
    commands = parser.add_subparsers(required=True, metavar="commande")
    run = commands.add_parser("run", help="le service : ouvre les portes et travaille jusqu’à l’arrêt")
    run.set_defaults(command=_run)
    console = commands.add_parser("console", help="parler à Greffier dans ce terminal, sans serveur")
    who = "qui parle d’abord ; un IEN est connu quand le bureau l’a importé"
    console.add_argument("--as", dest="who", default="candidat", choices=("candidat", "bureau", "ien"), help=who)
    console.add_argument("--date", type=_instant, help="la date virtuelle : 2017-04-10 ou 2017-04-10T23:59")
    console.add_argument("--script", type=_file, help="joue une conversation en Markdown et l’affiche telle que dite")
    console.add_argument("--files", type=Path, help="le dossier des fichiers que la conversation dépose")
    console.add_argument("--keep", action="store_true", help="garde la base dans le dossier de données")
    console.set_defaults(command=_console)
    ask = commands.add_parser("ask", help="poser une question sur la circulaire")
    ask.add_argument("question", nargs="?", help="la question ; sans elle, donnez --batch")
    ask.add_argument("--date", type=_instant, help="le jour de la réponse : 2017-04-10")
    ask.add_argument("--json", action="store_true", help="la réponse en JSON, sur une ligne")
    ask.add_argument("--batch", type=_file, help="un fichier de questions, une par ligne en JSON (id, question)")
    ask.add_argument("--lexical", action="store_true", help="sans le modèle sémantique, même s’il est installé")
    ask.set_defaults(command=_ask)
    rehearse = commands.add_parser("rehearse", help="ce qui partirait d’ici à une date, sans rien envoyer")
    rehearse.add_argument("--until", type=_instant, help="jusqu’à quand : 2017-04-28 (par défaut, le jour des avis)")
    rehearse.set_defaults(command=_rehearse)
    journal = commands.add_parser("journal", help="le journal : « journal verify » vérifie qu’aucune ligne n’a changé")
    journal.add_argument("act", choices=("verify",))
    journal.set_defaults(command=_journal)
    check = commands.add_parser("check", help="vérifie réglages, circulaire, base, serveur et identité de l’appareil")
    check.set_defaults(command=_check)
    health = commands.add_parser("health", help="0 quand le service a entendu son serveur depuis moins de deux minutes")
    health.set_defaults(command=_health)
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un fichier")
    return path


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"« {text} » n’est pas une date : écrivez 2017-04-10 ou 2017-04-10T23:59"
        raise argparse.ArgumentTypeError(message) from None
    hour = _MORNING if "T" not in text and " " not in text else moment.hour
    return paris(moment.date(), hour, moment.minute, moment.second)


def start_of(settings: Settings) -> datetime | None:
    """The virtual present of the settings (GREFFIER_DATE), None for the real one."""
    day: date | None = settings.date
    return None if day is None else paris(day, _MORNING)


def _console(given: argparse.Namespace) -> int:
    configure_logging(json=False, level=50)
    settings = load_settings()
    if given.script:
        from bot.transcript import play

        files = given.files or given.script.parent / "fichiers"
        print(asyncio.run(play(given.script.read_text(encoding="utf-8"), settings, files=files)), end="")
        return 0
    from bot.terminal import talk

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(talk(settings, given.who, given.date or start_of(settings), keep=given.keep))
    return 0


def _run(_: argparse.Namespace) -> int:
    settings = load_settings()
    configure_logging(json=settings.log_json)
    give_back()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(until_told(_serve(settings)))
    return 0


@contextlib.contextmanager
def _loading() -> Iterator[None]:
    """What loads stays: looking for garbage in it costs a sixth of a start, and would again at every collection."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


async def _serve(settings: Settings) -> None:
    with _loading():
        from bot.app import open_app
        from bot.rehearsal import rehearser

        doors, bureau = matrix_doors(settings, clock := Clock(start_of(settings)))
        doors += telegram_doors(settings, clock)
        doors += email_doors(settings, clock)
    async with open_app(settings, doors, clock=clock, bureau=bureau) as app:
        app.given["rehearse"] = rehearser(app)
        with contextlib.suppress(asyncio.CancelledError):
            await app.run()


def matrix_doors(settings: Settings, clock: Clock) -> tuple[list["MakeDoor"], dict[str, str | int]]:
    """The door to Matrix, where the settings name a homeserver, and where the bureau sits behind each door.

    Raises:
        ConfigurationError: no door is set.
    """
    from bot.channels.matrix.door import MatrixDoor

    matrix, telegram = settings.matrix, settings.telegram
    bureau: dict[str, str | int] = {"telegram": telegram.bureau_chat} if telegram and telegram.bureau_chat else {}
    if matrix is None and telegram is None:
        raise ConfigurationError(["GREFFIER_MATRIX__HOMESERVER : réglage manquant (aucune porte n’est réglée)"])
    if matrix is None:
        return [], bureau
    secret = own_secret(settings)
    folder = settings.data_dir / "matrix"
    bureau |= {"matrix": matrix.bureau_room} if matrix.bureau_room else {}
    return [("matrix", lambda mailbox: MatrixDoor(matrix, mailbox, clock, folder, secret))], bureau


def telegram_doors(settings: Settings, clock: Clock) -> list["MakeDoor"]:
    """The door to Telegram, where the settings name a bot, with the menu that each sees there."""
    if settings.telegram is None:
        return []
    from bot.channels.telegram.door import TelegramDoor
    from bot.channels.telegram.menu import Menu
    from handlers.commands import allowed

    telegram = settings.telegram
    everybody, bureau = (
        [(command.name, command.sentence) for command in allowed(who, demo=settings.demo)]
        for who in ("candidat", "bureau")
    )
    menu = Menu(everybody, bureau, telegram.bureau_chat)
    return [("telegram", lambda mailbox: TelegramDoor(telegram, mailbox, clock, menu=menu))]


def email_doors(settings: Settings, clock: Clock) -> list["MakeDoor"]:
    """The door to e-mail, where the settings name a mail server; it has no room of the bureau."""
    email = settings.email
    if email is None:
        return []
    from bot.channels.email import EmailDoor

    return [("email", lambda _: EmailDoor(email, clock))]


def _check(_: argparse.Namespace) -> int:
    from bot.check import check_everything

    configure_logging(json=False, level=50)
    return asyncio.run(check_everything())


def _rehearse(given: argparse.Namespace) -> int:
    from bot.circulaire.campagne import load_campagne
    from bot.rehearsal import lines_of, rehearse

    configure_logging(json=False, level=50)
    settings = load_settings()
    until = given.until or load_campagne(settings.campagne).avis_visible_from
    start = Clock(start_of(settings)).now()
    departures = asyncio.run(rehearse(settings, start, until))
    print("\n".join(lines_of(departures, until)))
    return 0


def _journal(_: argparse.Namespace) -> int:
    from bot.rehearsal import verify_journal

    configure_logging(json=False, level=50)
    total, broken = asyncio.run(verify_journal(load_settings()))
    if broken is None:
        print(f"ok : {total} lignes, la chaîne est entière")
        return 0
    print(f"Le journal a été altéré à la ligne {broken} : modifiée, enlevée ou déplacée.", file=sys.stderr)
    return 1


def _health(_: argparse.Namespace) -> int:
    alive = load_settings().alive
    age = time.time() - alive.stat().st_mtime if alive.exists() else None
    if age is not None and age < _SILENCE:
        print(f"ok : serveur entendu il y a {age:.0f} s")
        return 0
    print("Le service ne tourne pas, ou n’entend plus son serveur.", file=sys.stderr)
    return 1


def _preparing(done: int, total: int) -> None:
    """One line in five, so that nobody waits without knowing why."""
    if done == total or done % 320 == 0:
        print(f"Préparation des réponses, la première fois : {done} phrases sur {total}", file=sys.stderr)


def _ask(given: argparse.Namespace) -> int:
    from bot.circulaire.campagne import load_campagne
    from bot.circulaire.faq import load_bank, render_plain
    from bot.retrieval.batch import as_line, batch
    from bot.retrieval.index import build_index

    if (given.question is None) == (given.batch is None):
        print("Donnez une question, ou --batch et un fichier.", file=sys.stderr)
        return 2
    settings = load_settings()
    now = given.date or start_of(settings) or Clock().now()
    campagne = load_campagne(settings.campagne)
    semantic = False if given.lexical else None
    index = build_index(load_bank(settings.campagne, campagne), semantic=semantic, progress=_preparing)
    if given.batch:
        with given.batch.open(encoding="utf-8") as lines:
            for line in batch(index, lines, now.date()):
                print(json.dumps(line, ensure_ascii=False))
        return 0
    started = time.perf_counter()
    reply = index.ask(given.question, now=now)
    spent = (time.perf_counter() - started) * 1000
    said = as_line("", reply, campagne.numero, spent)
    print(json.dumps(said, ensure_ascii=False) if given.json else render_plain(reply, campagne.numero))
    return 0
