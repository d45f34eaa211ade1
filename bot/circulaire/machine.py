"""A state machine is a table: event, states it leaves, state it reaches, rule it stands on, guard it asks for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from bot.circulaire.campagne import Campagne
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


@dataclass(frozen=True)
class Machine(Generic[S]):
    """The states of a paper: those it starts in, the table of what may happen to it, the text that refuses the rest."""

    starts: tuple[S, ...]
    table: tuple[Transition[S], ...]
    refusal: str = ""

    def after(self, state: str, event: str) -> S:
        """The state that an event leads to; the caller has checked the transition's guard.

        Raises:
            Refusal: the event does not leave this state.
        """
        for line in self.table:
            if line.event == event and state in line.before:
                return line.after
        act = next((line.act for line in self.table if line.event == event), event)
        raise Refusal(self.refusal, etat=type(self.starts[0])(state), event=event, act=act)

    def events(self, state: str) -> tuple[str, ...]:
        """What may happen to the paper in this state, in the order of the table."""
        return tuple(line.event for line in self.table if state in line.before)

    def diagram(self, campagne: Campagne) -> str:
        """The table as a Mermaid state diagram, each arrow with its act and its paragraph."""
        lines = ["stateDiagram-v2", *(f"    [*] --> {start.name}" for start in self.starts)]
        for line in self.table:
            words = f"{line.act} (§{campagne.sources[line.rule].source})" if line.rule in campagne.sources else line.act
            lines += [f"    {before.name} --> {line.after.name} : {words}" for before in line.before]
        leaving = {before for line in self.table for before in line.before}
        ends = dict.fromkeys(line.after for line in self.table if line.after not in leaving)
        return "\n".join([*lines, *(f"    {end.name} --> [*]" for end in ends)]) + "\n"
