"""The settings of one Greffier: `greffier.toml` and `GREFFIER_*`, checked whole before anything starts."""

import datetime as dt
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from bot.errors import ConfigurationError

CAMPAGNES = Path(__file__).parent / "circulaire" / "campagnes"
_GUESSED = frozenset({"changeme", "change-me", "secret", "password", "motdepasse", "greffier", "default_key"})
_SHORTEST_SECRET = 16
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_MAILBOX = re.compile(rf"{_ADDRESS}|[^<>\x00-\x1f\x7f@\"]+ <{_ADDRESS}>", re.ASCII)


class MatrixSettings(BaseModel):
    """The account on a Matrix homeserver (Tchap)."""

    model_config = ConfigDict(extra="forbid")

    homeserver: str
    user: str
    password: SecretStr | None = None
    access_token: SecretStr | None = None
    device_id: str | None = None
    encryption: Literal["required", "optional", "off"] = "required"
    allowed_servers: tuple[str, ...] = ()
    choices: Literal["sondage", "réactions", "texte"] = "sondage"
    bureau_room: str | None = None

    @field_validator("homeserver")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("une adresse https:// est attendue (http:// seulement vers cette machine)")
        return value.rstrip("/")

    @field_validator("user")
    @classmethod
    def _is_a_user(cls, value: str) -> str:
        if not value.startswith("@") or ":" not in value:
            raise ValueError("un identifiant complet est attendu : @greffier:serveur")
        return value

    @model_validator(mode="after")
    def _can_log_in(self) -> "MatrixSettings":
        if self.password is None and (self.access_token is None or self.device_id is None):
            raise ValueError("donnez PASSWORD, ou ACCESS_TOKEN avec DEVICE_ID")
        return self


class ReturnsSettings(BaseModel):
    """The mailbox where mail servers tell what became of our e-mails, read over IMAP."""

    model_config = ConfigDict(extra="forbid")

    host: str
    port: int | None = Field(default=None, gt=0, lt=65536)
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str
    password: SecretStr
    folder: str = "INBOX"

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, value: str) -> str:
        if not re.fullmatch(r"[\w.:-]+", value):
            raise ValueError(
                "le nom du serveur IMAP est attendu ; sans cette boîte, retirez tous les GREFFIER_EMAIL__RETURNS__…"
            )
        return value

    @field_validator("folder")
    @classmethod
    def _is_a_folder(cls, value: str) -> str:
        if not value or not value.isascii() or not value.isprintable():
            raise ValueError("un nom de dossier sans accent est attendu : INBOX, INBOX/Retours…")
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> "ReturnsSettings":
        if self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("SECURITY=none n’est permis que vers cette machine (127.0.0.1)")
        return self


class EmailSettings(BaseModel):
    """The mail server that takes e-mails to the IEN and to candidates."""

    model_config = ConfigDict(extra="forbid")

    host: str
    port: int | None = Field(default=None, gt=0, lt=65536)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str
    reply_to: str = ""
    ca_file: Path | None = None
    returns: ReturnsSettings | None = None

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, value: str) -> str:
        if not re.fullmatch(r"[\w.:-]+", value):
            raise ValueError("le nom du serveur de courriel est attendu ; sans lui, retirez tous les GREFFIER_EMAIL__…")
        return value

    @field_validator("sender", "reply_to")
    @classmethod
    def _is_a_mailbox(cls, value: str) -> str:
        if value and not _MAILBOX.fullmatch(value):
            raise ValueError("une adresse est attendue : greffier@ac-paris.fr, ou Greffier <greffier@ac-paris.fr>")
        return value

    @field_validator("ca_file")
    @classmethod
    def _is_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"aucun fichier {value}")
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> "EmailSettings":
        if self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("SECURITY=none n’est permis que vers cette machine (127.0.0.1)")
        if (self.user is None) != (self.password is None):
            raise ValueError("donnez USER et PASSWORD ensemble, ou aucun des deux")
        return self


class TelegramSettings(BaseModel):
    """The bot on Telegram."""

    model_config = ConfigDict(extra="forbid")

    token: SecretStr
    bureau_chat: int | None = None
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_listen: str = "127.0.0.1:8443"
    api_url: str = "https://api.telegram.org"

    @field_validator("token")
    @classmethod
    def _is_a_token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"\d+:[\w-]{20,}", value.get_secret_value()):
            raise ValueError("un jeton de @BotFather est attendu : 123456:ABC…")
        return value

    @field_validator("webhook_url", "api_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("une adresse https:// est attendue (http:// seulement vers cette machine)")
        return value.rstrip("/") if value else value

    @field_validator("webhook_listen")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        if not re.fullmatch(r"[\w.:\[\]-]+:\d{1,5}", value):
            raise ValueError("une adresse et un port sont attendus : 127.0.0.1:8443")
        return value

    @model_validator(mode="after")
    def _webhook_is_guarded(self) -> "TelegramSettings":
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if self.webhook_url and not re.fullmatch(r"[\w-]{16,256}", secret):
            raise ValueError("WEBHOOK_URL demande WEBHOOK_SECRET : de 16 à 256 lettres, chiffres, « _ » ou « - »")
        return self

    @property
    def largest_file(self) -> int | None:
        """Bytes of the biggest file that Telegram gives a bot; None from a Bot API server of one's own."""
        return 20 * 1024 * 1024 if self.api_url == "https://api.telegram.org" else None


class Settings(BaseSettings):
    """Everything that can be set. Environment first, then `greffier.toml` of the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="GREFFIER_", env_nested_delimiter="__", toml_file="greffier.toml", extra="forbid"
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

    @field_validator("campagne")
    @classmethod
    def _is_a_campagne(cls, value: Path) -> Path:
        folder = value if value.is_absolute() or value.exists() else CAMPAGNES / value
        if not (folder / "campagne.toml").is_file():
            raise ValueError(f"aucun fichier campagne.toml dans {folder}")
        return folder

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
        del dotenv_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls), file_secret_settings


def load_settings(**given: object) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: every fault at once, each naming its setting.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type] # the command line's own values, validated here
    except ValidationError as error:
        raise ConfigurationError([_fault(item) for item in error.errors()]) from error


def _fault(item: Mapping[str, Any]) -> str:
    name = "GREFFIER_" + "__".join(str(part) for part in item["loc"]).upper()
    reason = {"missing": "réglage manquant", "extra_forbidden": "réglage inconnu"}.get(item["type"])
    return f"{name} : {reason or str(item['msg']).removeprefix('Value error, ')}"


def own_secret(settings: Settings) -> str:
    """The secret that protects the keys at rest: the one that is set, else one drawn once beside the data."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = settings.data_dir / "secret"
    if not file.exists():
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()
