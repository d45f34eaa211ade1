"""Answers `F.text == …` and states on the loop: aiogram hops through a thread for each filter that is no coroutine.

Half of the time of a dispatch is spent in those hops where a bot has forty handlers. Only the two makes of filter that
compute without waiting are moved; a function or an object of somebody else's may block, and keeps its thread.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from aiogram import Dispatcher
from aiogram.dispatcher.event.handler import FilterObject
from aiogram.fsm.state import State, StatesGroup


def repair_filters(dispatcher: Dispatcher) -> int:
    """Answer on the loop what the routers attached so far ask of updates; returns how many filters were moved."""
    return sum(_repair(item) for router in dispatcher.chain_tail for item in _filters(router.observers.values()))


def _filters(observers: Any) -> Iterator[FilterObject]:
    """Every filter of a router: its own, its handlers', and those inside `and_f`, `or_f` and `~`."""
    for observer in observers:
        for holder in (observer._handler, *observer.handlers):  # noqa: SLF001 -- a router's own filters have no public name
            for item in holder.filters or []:
                yield from _with_inner(item)


def _with_inner(item: FilterObject) -> Iterator[FilterObject]:
    yield item
    for inner in (getattr(item.callback, "target", None), *getattr(item.callback, "targets", ())):
        if isinstance(inner, FilterObject):
            yield from _with_inner(inner)


def _repair(item: FilterObject) -> bool:
    if item.awaitable or (item.magic is None and not isinstance(item.callback, State | StatesGroup)):
        return False
    item.callback, item.awaitable = _on_the_loop(item.callback), True
    return True


def _on_the_loop(ask: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    async def answered(*event: Any, **known: Any) -> Any:
        return ask(*event, **known)

    return answered
