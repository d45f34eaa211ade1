"""`greffier check`: settings, circular, questions, database, homeserver, device, mail, one line for each."""

import contextlib
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.accounts import EmailSettings
from bot.circulaire.campagne import load_campagne
from bot.circulaire.check import check_campagne
from bot.circulaire.faq import load_bank
from bot.clock import Clock
from bot.errors import CampagneError, ConfigurationError, DatabaseError, HeldDatabaseError
from bot.settings import Settings, load_settings, own_folder, own_secret, without_mail
from storage.identities import bureau_accounts
from storage.opening import open_database


async def check_everything() -> int:
    """Print one line for each thing, « ok » or what to do; returns 1 when something is to be done."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        for fault in error.faults:
            _say("à faire", "réglages", fault)
        return 1
    _say("ok", "réglages", f"campagne {settings.campagne.name}, données dans {settings.data_dir}")
    sound = [_circular(settings), await _database(settings), await _matrix(settings)]
    sound += [await _telegram(settings), await _email(settings)]
    return 0 if all(sound) else 1


def _say(state: str, what: str, why: str) -> None:
    print(f"{state:8} {what} : {why}")


def _circular(settings: Settings) -> bool:
    findings = check_campagne(settings.campagne)
    for finding in findings:
        _say("à faire" if finding.level == "erreur" else "à savoir", "circulaire", finding.message)
    errors = sum(finding.level == "erreur" for finding in findings)
    if not errors:
        _say("ok", "circulaire", "chaque valeur est dans le texte, les jours conviennent aux dates")
    return not errors and _questions(settings)


def _questions(settings: Settings) -> bool:
    """The bank of questions, compiled: what the bureau may write better. Nothing there stops the bot."""
    from bot.retrieval import build_index, check_bank, in_short

    campagne = load_campagne(settings.campagne)
    try:
        bank = load_bank(settings.campagne, campagne)
    except CampagneError as error:
        for fault in error.faults:
            _say("à faire", "questions", fault)
        return False
    for line in in_short(check_bank(bank, build_index(bank))):
        _say("à savoir", "questions", line)
    _say("ok", "questions", f"{sum(len(topic.variants) for topic in bank.topics)} questions, {len(bank.topics)} sujets")
    return True


async def _database(settings: Settings) -> bool:
    try:
        own_folder(settings)
        database = await open_database(settings.database)
    except HeldDatabaseError:
        _say("à savoir", "base", "le service travaille dessus")
        return _members(settings, [])
    except (ConfigurationError, DatabaseError) as error:
        _say("à faire", "base", str(error))
        return False
    damaged = database.dialect.name == "sqlite" and await database.query(_is_damaged)
    seen = [] if damaged else await database.query(bureau_accounts)
    await database.close()
    if damaged:
        _say("à faire", "base", "le fichier est endommagé : restaurez une sauvegarde")
        return False
    _say("ok", "base", f"{database.dialect.name} répond")
    return _members(settings, seen)


def _members(settings: Settings, seen: Sequence[tuple[str, str]]) -> bool:
    """Whether it is told whose the bureau's accounts are, where it sits on two networks: nobody counts for two."""
    both = settings.matrix and settings.matrix.bureau_room and settings.telegram and settings.telegram.bureau_chat
    untold = [account for _, account in seen if account not in settings.persons]
    if len({door for door, _ in seen}) > 1 and untold:
        why = f"à qui sont ces comptes du bureau : {', '.join(untold)} ? GREFFIER_MEMBERS ne le dit pas"
        _say("à faire", "membres", why)
        return False
    if both and not settings.members:
        why = "GREFFIER_MEMBERS ne dit pas à qui sont les comptes : nul ne confirme d’une messagerie à l’autre"
        _say("à savoir", "membres", why)
    return True


def _is_damaged(session: Session) -> bool:
    try:
        return session.execute(text("PRAGMA quick_check(1)")).scalar() != "ok"
    except SQLAlchemyError:
        return True


async def _matrix(settings: Settings) -> bool:
    """The homeserver, the account and the chain from this device to the identity that people verify."""
    if settings.matrix is None:
        alone = settings.telegram is not None
        _say("à savoir" if alone else "à faire", "serveur", "GREFFIER_MATRIX__HOMESERVER n’est pas réglé")
        return alone
    from bot.channels.matrix.report import report_on

    try:
        lines = await report_on(settings.matrix, Clock(), settings.data_dir / "matrix", own_secret(settings))
    except ConfigurationError:  # the data folder, said already
        return False
    if settings.matrix.bureau_room is None and not (settings.telegram and settings.telegram.bureau_chat):
        lines.append((False, "salon", "GREFFIER_MATRIX__BUREAU_ROOM n’est pas réglé : le bureau n’a pas de salon"))
    for fine, what, why in lines:
        _say("ok" if fine else "à faire", what, why)
    return all(fine for fine, _, __ in lines)


async def _email(settings: Settings) -> bool:
    """The mail server: met and logged in to, without writing to anybody."""
    if settings.email is None:
        return _without_mail(settings)
    from bot.channels.email import report_on

    fine, why = await report_on(settings.email)
    _say("ok" if fine else "à faire", "courriel", why)
    return await _returns(settings.email) and fine


def _without_mail(settings: Settings) -> bool:
    with contextlib.suppress(CampagneError):  # said already
        if why := without_mail(settings, discreet=load_campagne(settings.campagne).discreet_on_telegram):
            _say("à faire", "courriel", why)
            return False
    _say("à savoir", "courriel", "GREFFIER_EMAIL__HOST n’est pas réglé : les courriels attendent")
    return True


async def _returns(email: EmailSettings) -> bool:
    """The mailbox where e-mails come back: logged in to, its folder opened, nothing marked."""
    if email.returns is None:
        _say("à savoir", "retours", "GREFFIER_EMAIL__RETURNS__HOST n’est pas réglé : quelqu’un doit relever la boîte")
        return True
    from bot.channels.returns import report_on

    fine, why = await report_on(email.returns, email.ca_file)
    _say("ok" if fine else "à faire", "retours", why)
    return fine


async def _telegram(settings: Settings) -> bool:
    """The bot of the token: met, without writing to anybody."""
    if settings.telegram is None:
        return True
    from bot.channels.telegram.report import report_on

    fine, why = await report_on(settings.telegram)
    _say("ok" if fine else "à faire", "telegram", why)
    return fine
