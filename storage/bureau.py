"""The rows of the bureau's work: who has copies, creneaux, avis, relays, confirmations, addenda. No rule lives here."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import big_column, column_of, id_column, instant_column, json_column, version_column


class Ien(SQLModel, table=True):
    """The inspector of one circonscription: who has the copies of their own candidates."""

    __tablename__ = "ien"
    __table_args__ = (UniqueConstraint("campagne", "key"),)
    id: int = id_column()
    campagne: str
    key: str  # the circonscription, folded: « paris 19a »
    circonscription: str
    name: str
    email: str
    matrix: str = ""
    peer_id: int | None = big_column(nullable=True, index=True)
    prefers: str = "tout"  # tout, courriel, resume
    greeted_at: datetime | None = instant_column(nullable=True)
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Commission(SQLModel, table=True):
    """One commission on the day of the entretiens: its room, hours, breaks and members, as the bureau gave them."""

    __tablename__ = "commission"
    __table_args__ = (UniqueConstraint("campagne", "name"),)
    id: int = id_column()
    campagne: str
    name: str
    room: str
    starts_at: datetime = instant_column()
    ends_at: datetime = instant_column()
    breaks: list[list[str]] = json_column(list)
    members: list[str] = json_column(list)
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Convocation(SQLModel, table=True):
    """A creneau given to a candidature. `live` is 1 while it is in force: the database keeps two from sharing one."""

    __tablename__ = "convocation"
    __table_args__ = (
        UniqueConstraint("campagne", "commission", "starts_at", "live"),
        UniqueConstraint("candidature_id", "live"),
    )
    id: int = id_column()
    campagne: str
    candidature_id: int = big_column(index=True)
    commission: str
    room: str
    starts_at: datetime = instant_column()
    ends_at: datetime = instant_column()
    etat: str
    uid: str
    sequence: int = 0
    live: int | None = 1
    published_at: datetime | None = instant_column(nullable=True)
    acknowledged_at: datetime | None = instant_column(nullable=True)
    sha256: str | None = None
    wish: dict[str, Any] = json_column()
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Avis(SQLModel, table=True):
    """The commission's avis on one candidature: its words are sealed, and the row itself cannot be released early."""

    __tablename__ = "avis"
    __table_args__ = (
        UniqueConstraint("candidature_id", "rank"),
        CheckConstraint("released_at IS NULL OR released_at >= visible_from", name="avis_not_before_its_date"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> author_id", name="avis_by_two_persons"),
    )
    id: int = id_column()
    candidature_id: int = big_column(index=True)
    rank: int
    etat: str
    sealed: str = Field(sa_column=Column(Text(), nullable=False))
    author_id: int = big_column()
    sealed_at: datetime = instant_column()
    visible_from: datetime = instant_column()
    confirmed_by: int | None = big_column(nullable=True)
    confirmed_at: datetime | None = instant_column(nullable=True)
    released_at: datetime | None = instant_column(nullable=True)
    opened_at: datetime | None = instant_column(nullable=True)
    reason: str = ""
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Relais(SQLModel, table=True):
    """A conversation handed to the bureau: « relais n° 3 », open, answered or closed."""

    __tablename__ = "relais"
    __table_args__ = (UniqueConstraint("campagne", "numero"),)
    id: int = id_column()
    campagne: str
    numero: int
    candidat_id: int = big_column(index=True)
    candidature_id: int | None = big_column(nullable=True)
    etat: str
    opened_at: datetime = instant_column()
    promised_by: datetime = instant_column()
    assigned_to: int | None = big_column(nullable=True)
    messages: list[int] = json_column(list)  # those that a reply may answer, in the bureau's rooms and the person's
    closed_at: datetime | None = instant_column(nullable=True)
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class RelaisLine(SQLModel, table=True):
    """One thing said in a relay: a question, a reply, or a note that the candidate never sees."""

    __tablename__ = "relais_line"
    id: int = id_column()
    relais_id: int = big_column(index=True)
    at: datetime = instant_column()
    kind: str  # question, reply, note
    author_id: int = big_column()
    text: str = Field(sa_column=Column(Text(), nullable=False))


class Confirmation(SQLModel, table=True):
    """An act that waits for somebody's « oui »: the asker's own, or that of another where four eyes are asked."""

    __tablename__ = "confirmation"
    id: int = id_column()
    chat_id: int = big_column(index=True)
    asker_id: int = big_column()
    act: str
    details: dict[str, Any] = json_column()
    four_eyes: bool = False
    asked_at: datetime = instant_column()
    expires_at: datetime = instant_column()
    settled_at: datetime | None = instant_column(nullable=True)
    settled_by: int | None = big_column(nullable=True)
    outcome: str | None = None
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}


class Addendum(SQLModel, table=True):
    """What the bureau adds where the circular is silent: dated, signed, revocable, never mixed with its text."""

    __tablename__ = "addendum"
    __table_args__ = (UniqueConstraint("campagne", "numero"),)
    id: int = id_column()
    campagne: str
    numero: int
    text: str = Field(sa_column=Column(Text(), nullable=False))
    questions: list[str] = json_column(list)
    signed_by: str
    signed_at: datetime = instant_column()
    revoked_at: datetime | None = instant_column(nullable=True)
    version: int = version_column()
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": column_of(version)}
