"""The settings of one Greffier: `greffier.toml` and `GREFFIER_*`, checked whole before anything starts."""

import datetime as dt
import os
import re
import secrets
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.accounts import EmailSettings, MatrixSettings, TelegramSettings
from bot.errors import ConfigurationError
from bot.faults import PREFIX, names_of, unknown, words_of

Account = Annotated[str, Field(coerce_numbers_to_str=True)]  # « @nadia:serveur », or a number of Telegram
TOML = "greffier.toml"
CAMPAGNES = Path(__file__).parent / "circulaire" / "campagnes"
_GUESSED = frozenset({"changeme", "change-me", "secret", "password", "motdepasse", "greffier", "default_key"})
_SHORTEST_SECRET = 16
_UNHEARD = (
    "GREFFIER_EMAIL__HOST : réglage manquant. Sur Telegram, convocations et avis ne sont qu’annoncés : ils partent par "
    'courriel. Réglez un serveur de courriel, ou écrivez personal = "envoyé" sous [telegram] dans campagne.toml'
)


class _Environment(EnvSettingsSource):
    """The environment; what should be JSON and is not stays as it is, so that it is said with all the other faults."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class Settings(BaseSettings):
    """Everything that can be set. Environment first, then `greffier.toml` of the working folder.

    A variable that is empty is one that is not set: the example of settings is full of them.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, toml_file=TOML, extra="forbid"
    )

    data_dir: Path = Path("donnees")
    database_url: str = ""
    campagne: Path = CAMPAGNES / "17AN0076"
    date: dt.date | None = None
    secret: SecretStr | None = None
    diagnostics: bool = False
    demo: bool = False
    matrix: MatrixSettings | None = None
    email: EmailSettings | None = None
    telegram: TelegramSettings | None = None
    members: dict[str, tuple[Account, ...]] = Field(default_factory=dict)
    roles: dict[str, Literal["lecteur", "gestionnaire", "president", "administrateur"]] = Field(default_factory=dict)
    file_limit: int = Field(default=20 * 1024 * 1024, gt=0)
    semantic: bool | None = None
    log_json: bool = False

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        words = value.get_secret_value() if value else None
        if words is not None and (words.casefold() in _GUESSED or len(words) < _SHORTEST_SECRET):
            raise ValueError(f"un secret d’au moins {_SHORTEST_SECRET} caractères, qui ne se devine pas, est attendu")
        return value

    @field_validator("members")
    @classmethod
    def _is_one_persons(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        counted = Counter(account for accounts in value.values() for account in set(accounts))
        shared = sorted(account for account, persons in counted.items() if persons > 1)
        if shared:
            raise ValueError(f"un compte est à une seule personne ; à plusieurs ici : {', '.join(shared)}")
        return value

    @field_validator("roles")
    @classmethod
    def _is_a_persons(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        """A role given to a person, or to one of their accounts, is that of all their accounts."""
        roles = dict(value)
        for person, accounts in info.data.get("members", {}).items():
            given = {value[name] for name in (person, *accounts) if name in value}
            if len(given) > 1:
                raise ValueError(f"une personne n’a qu’un rôle ; {person} en a plusieurs")
            for role in given:
                roles |= dict.fromkeys(accounts, role)
        return roles

    @field_validator("campagne")
    @classmethod
    def _is_a_campagne(cls, value: Path) -> Path:
        folder = value if value.is_absolute() or value.exists() else CAMPAGNES / value
        if not (folder / "campagne.toml").is_file():
            raise ValueError(f"aucun fichier campagne.toml dans {folder}")
        return folder

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if not re.fullmatch(r"sqlite:///.+|postgresql(\+psycopg)?://.+|", value):
            raise ValueError("sqlite:///fichier ou postgresql://… est attendu")
        return value

    @field_validator("file_limit")
    @classmethod
    def _telegram_gives_as_much(cls, value: int, info: ValidationInfo) -> int:
        telegram: TelegramSettings | None = info.data.get("telegram")
        if telegram is not None and telegram.largest_file is not None and value > telegram.largest_file:
            raise ValueError("Telegram ne donne pas plus de 20 Mio : baissez cette limite, ou réglez API_URL")
        return value

    @property
    def database(self) -> str:
        """The database's address: a file of the data folder unless one is given."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'greffier.db').absolute()}"

    @property
    def persons(self) -> dict[str, str]:
        """Whose each account of the bureau is, for those that are named."""
        return {account: person for person, accounts in self.members.items() for account in accounts}

    @property
    def alive(self) -> Path:
        """Touched each time a door has heard its network: what `greffier health` looks at."""
        return self.data_dir / "alive"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file; nothing hidden in a .env."""
        del dotenv_settings, env_settings
        environment = _Environment(settings_cls)
        return init_settings, environment, TomlConfigSettingsSource(settings_cls), file_secret_settings


def load_settings(**given: Any) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: every fault at once, each naming its setting.
    """
    faults = _unknown_variables()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults += words_of(error.errors(), Settings)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{TOML} ne se lit pas : {error}")
    if faults:
        raise ConfigurationError(faults)
    return settings


def _unknown_variables() -> list[str]:
    """Variables that nothing reads: pydantic forbids the others, those of a door and those of the file."""
    ours = [name.upper() for name in os.environ if name.upper().startswith(PREFIX)]
    parts = {name: name.removeprefix(PREFIX).partition("__")[0].lower() for name in ours}
    known = sorted(names_of(Settings))
    return [unknown(name, known) for name, part in sorted(parts.items()) if part not in Settings.model_fields]


def own_folder(settings: Settings) -> Path:
    """The data folder: private, made where it is missing.

    Raises:
        ConfigurationError: nothing can be written there.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise ConfigurationError([f"GREFFIER_DATA_DIR : {folder.absolute()} n’est pas un dossier où l’on peut écrire"])
    return folder


def own_secret(settings: Settings) -> str:
    """The secret that protects the keys at rest: the one that is set, else one drawn once beside the data."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    file = own_folder(settings) / "secret"
    if not file.exists():
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()


def without_mail(settings: Settings, *, discreet: bool) -> str:
    """Why Greffier cannot do without a mail server, in French; empty where it can.

    Args:
        discreet: what is personal is only announced on Telegram.
    """
    return _UNHEARD if settings.telegram and discreet and not settings.email else ""
