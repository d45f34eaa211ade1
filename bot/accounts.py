"""The accounts and the servers of the doors: what each door is given of the settings."""

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

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
    name: str = "Greffier"
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

    @field_validator("bureau_room")
    @classmethod
    def _is_a_room(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("!"):
            raise ValueError("l’identifiant interne du salon est attendu : il commence par « ! »")
        return value

    @model_validator(mode="after")
    def _can_log_in(self) -> "MatrixSettings":
        if self.password is None and (self.access_token is None or self.device_id is None):
            raise ValueError("donnez PASSWORD, ou ACCESS_TOKEN avec DEVICE_ID")
        return self

    @model_validator(mode="after")
    def _keeps_answers_sealed(self) -> "MatrixSettings":
        if self.choices == "réactions" and self.encryption == "required":
            raise ValueError("une réaction n’est jamais chiffrée : CHOICES=sondage ou texte, ou ENCRYPTION=optional")
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
