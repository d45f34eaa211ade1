"""A state machine is a table: event, states it leaves, state it reaches, rule it stands on, guard it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from bot.circulaire.cited import Citation
from bot.errors import Refusal

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[S]):
    """One line of the table.

    `act` is the event in French, for people; `rule` names the value of the campagne that carries the paragraph
    (`campagne.sources`), empty where the circular is silent; `guard` names what the caller has checked.
    """

    event: str
    act: str
    before: tuple[S, ...]
    after: S
    rule: str
    guard: str


def step(table: Sequence[Transition[S]], state: S, event: str, refusal: str) -> S:
    """The state that an event leads to.

    Args:
        refusal: key of the text that says no.

    Raises:
        Refusal: the event does not leave this state.
    """
    for line in table:
        if line.event == event and state in line.before:
            return line.after
    act = next((line.act for line in table if line.event == event), event)
    raise Refusal(refusal, etat=state, event=event, act=act)


def events_from(table: Sequence[Transition[S]], state: S) -> tuple[str, ...]:
    """What may happen to a paper in this state, in the order of the table."""
    return tuple(line.event for line in table if state in line.before)


def diagram(table: Sequence[Transition[S]], starts: Sequence[S], sources: Mapping[str, Citation]) -> str:
    """The table as a Mermaid state diagram, each arrow with its act and its paragraph."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {start.name}" for start in starts)]
    for line in table:
        words = f"{line.act} (§{sources[line.rule].source})" if line.rule in sources else line.act
        lines += [f"    {before.name} --> {line.after.name} : {words}" for before in line.before]
    leaving = {before for line in table for before in line.before}
    ends = dict.fromkeys(line.after for line in table if line.after not in leaving)
    return "\n".join([*lines, *(f"    {end.name} --> [*]" for end in ends)]) + "\n"
