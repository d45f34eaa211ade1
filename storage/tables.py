"""The rows. No rule lives here; `storage` alone fills them.

The spine (inbox, outbox, FSM, identities) is written with plain SQL, the procedure's rows through a session.
Ids are drawn from blocks (`storage.database`) before anything is written, so that no handler waits for them.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from storage.columns import big_column, column_of, id_column, instant_column, json_column, version_column

REVISION = "eff7bf1673f0"  # the newest of storage/migrations: a database that has it needs nothing
_UNREAD = text("state = 'sent' AND read_at IS NULL")


def table(model: type[SQLModel]) -> Table:
    """The table of a model, for statements on the spine."""
    found: Table = model.__table__  # type: ignore[attr-defined] # SQLModel does not declare it
    return found


def index_for_postgresql() -> None:
    """Give the partial indexes to PostgreSQL too: its dialect, 2 MB, loads as soon as it is named."""
    for index in (index for known in SQLModel.metadata.tables.values() for index in known.indexes):
        where = index.dialect_options["sqlite"]["where"]
        if where is not None:
            index.dialect_kwargs["postgresql_where"] = where


# --- the spine -------------------------------------------------------------------------------------------------


class IdBlock(SQLModel, table=True):
    """The first id that no process has reserved yet."""

    __tablename__ = "id_block"
    name: str = Field(primary_key=True)
    next: int = big_column()


class Fact(SQLModel, table=True):
    """A small fact of a door or of the application (the sync position, the instance's own name)."""

    __tablename__ = "fact"
    key: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text(), nullable=False))


class Inbox(SQLModel, table=True):
    """What arrived, before anything handles it. Its id is the update's id."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("door", "event"),
        Index(
            "ix_inbox_waiting",
            "id",
            sqlite_where=Column("state") == "waiting",
        ),
    )
    id: int = id_column()
    door: str
    event: str
    room: str
    payload: str = Field(sa_column=Column(Text(), nullable=False))
    sent_at: datetime = instant_column()
    arrived_at: datetime = instant_column()
    state: str = Field(default="waiting", sa_column=Column(String(), nullable=False))
    attempts: int = 0
    handled_at: datetime | None = instant_column(nullable=True)
    error: str | None = None


class Outbox(SQLModel, table=True):
    """A letter: waiting, sending, sent, retry, abandoned, doubtful, returned, replaced or cancelled.

    `delivered_at` and `read_at` are known only where a door tells.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "id",
            sqlite_where=Column("state") == "waiting",
        ),
        Index("ix_outbox_unread", "chat_id", "message_id", sqlite_where=_UNREAD),
    )
    id: int = id_column()
    door: str
    chat_id: int = big_column()
    message_id: int | None = big_column(nullable=True, index=True)
    method: str
    payload: str = Field(sa_column=Column(Text(), nullable=False))
    kind: str = ""
    candidature_id: int | None = big_column(nullable=True, index=True)
    inbox_id: int | None = big_column(nullable=True)
    state: str = Field(default="waiting", sa_column=Column(String(), nullable=False))
    created_at: datetime = instant_column()
    attempts: int = 0
    next_try_at: datetime | None = instant_column(nullable=True)
    sent_at: datetime | None = instant_column(nullable=True)
    delivered_at: datetime | None = instant_column(nullable=True)
    read_at: datetime | None = instant_column(nullable=True)
    error: str | None = None
    progress: str = Field(default="{}", sa_column=Column(Text(), nullable=False))


class Peer(SQLModel, table=True):
    """A person or a room of a door, under the integer that aiogram wants."""

    __tablename__ = "peer"
    __table_args__ = (UniqueConstraint("door", "name"),)
    id: int = id_column()
    door: str
    name: str
    is_room: bool
    room: str | None = None  # for a person: the direct room of the moment
    display_name: str = ""


class EventMap(SQLModel, table=True):
    """An event of a door and the message it belongs to; a message may be several events (a text, its poll)."""

    __tablename__ = "event_map"
    door: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    message_id: int = big_column(index=True)
    part: int = 0


class Media(SQLModel, table=True):
    """A file that `peer_id` announced; `source` tells its door where the bytes are."""

    __tablename__ = "media"
    id: int = id_column()
    peer_id: int | None = big_column(nullable=True, index=True)
    door: str
    source: str = Field(sa_column=Column(Text(), nullable=False))
    name: str
    mime: str
    size: int | None = None


class Chat(SQLModel, table=True):
    """What a conversation shows at its end: its latest message and the keyboard that may be pressed by typing."""

    __tablename__ = "chat"
    id: int = id_column()
    last_message_id: int = big_column()
    keyboard_message_id: int | None = big_column(nullable=True)
    keyboard: str | None = Field(default=None, sa_column=Column(Text(), nullable=True))


class Fsm(SQLModel, table=True):
    """Where a person stands in the conversation."""

    __tablename__ = "fsm"
    key: str = Field(primary_key=True)
    state: str | None = None
    data: str = Field(default="{}", sa_column=Column(Text(), nullable=False))


class Agenda(SQLModel, table=True):
    """What must happen at an instant. `key` makes it unique: the same cause writes it once."""

    __tablename__ = "agenda"
    __table_args__ = (UniqueConstraint("key"),)
    id: int = id_column()
    kind: str
    key: str
    candidature_id: int | None = big_column(nullable=True, index=True)
    due_at: datetime = instant_column(index=True)
    details: dict[str, Any] = json_column()
    done_at: datetime | None = instant_column(nullable=True)
    outcome: str | None = None


class Journal(SQLModel, table=True):
    """One act: who did what, when, on whose dossier, under which paragraph; each line seals the one before."""

    __tablename__ = "journal"
    seq: int = id_column()
    at: datetime = instant_column()
    actor: str
    act: str
    candidature_id: int | None = big_column(nullable=True, index=True)
    source: str | None = None
    details: str = Field(default="{}", sa_column=Column(Text(), nullable=False))
    previous: str
    hash: str


# --- the procedure ---------------------------------------------------------------------------------------------


class Candidat(SQLModel, table=True):
    """A person who agreed that Greffier keeps what they give. `id` is their person's (and direct chat's) id."""

    __tablename__ = "candidat"
    id: int = id_column()
    door: str
    display_name: str = ""
    agreed_at: datetime = instant_column()


class Candidature(SQLModel, table=True):
    """One person's candidature to one campagne. `numero` is what people say: « 12 »."""

    __tablename__ = "candidature"
    __table_args__ = (UniqueConstraint("campagne", "numero"),)
    id: int = id_column()
    campagne: str
    numero: int
    candidat_id: int = big_column(index=True)
    etat: str
    answers: dict[str, Any] = json_column()
    verdict: str | None = None
    notice: dict[str, Any] = json_column()
    created_at: datetime = instant_column()
    changed_at: datetime = instant_column()
    received_at: datetime | None = instant_column(nullable=True)
    deposited_at: datetime | None = instant_column(nullable=True)
    flags: dict[str, Any] = json_column()
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}

    @property
    def holder(self) -> str:
        """The name that the notice gives; empty where it came as a file."""
        return str(self.notice.get("nom") or "")

    @property
    def address(self) -> str:
        """The academic mailbox; empty where the notice gives none."""
        return str(self.notice.get("courriel") or "")

    @property
    def circonscription(self) -> str:
        """The circonscription, as the person wrote it."""
        return str(self.notice.get("circonscription") or "")


class Piece(SQLModel, table=True):
    """One of the pieces of a dossier, as given: its bytes are under `sha256` in the files. A replaced one stays."""

    __tablename__ = "piece"
    id: int = id_column()
    candidature_id: int = big_column(index=True)
    code: str
    etat: str
    sha256: str | None = None
    name: str = ""
    mime: str = ""
    size: int = 0
    pages: int | None = None
    received_at: datetime = instant_column()
    event: str | None = None
    replaced_at: datetime | None = instant_column(nullable=True)
    details: dict[str, Any] = json_column()
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Receipt(SQLModel, table=True):
    """The proof of a deposit: the words it certifies, their code and the PDF under `sha256`."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("candidature_id", "rank"),)
    id: int = id_column()
    candidature_id: int = big_column(index=True)
    rank: int
    issued_at: datetime = instant_column()
    text: str = Field(sa_column=Column(Text(), nullable=False))
    code: str
    sha256: str


class AskedQuestion(SQLModel, table=True):
    """A question put to the circular and what came of it, without who asked; words are kept only where it is silent."""

    __tablename__ = "asked_question"
    id: int = id_column()
    asked_at: datetime = instant_column(index=True)
    outcome: str
    topic: str = ""
    words: str = ""
    useful: bool | None = None
