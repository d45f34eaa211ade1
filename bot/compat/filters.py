"""Answers `F.text == …` and states on the loop: aiogram hops through a thread for each filter that is no coroutine.

Half of the time of a dispatch is spent in those hops where a bot has forty handlers. Only the two makes of filter that
compute without waiting are moved; a function or an object of somebody else's may block, and keeps its thread.
"""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

from aiogram import Dispatcher, Router
from aiogram.dispatcher.event.handler import FilterObject, HandlerObject
from aiogram.fsm.state import State, StatesGroup


def repair_filters(dispatcher: Dispatcher) -> None:
    """Answer on the loop what the routers attached so far ask of updates."""
    for router in dispatcher.chain_tail:
        for observer in router.observers.values():
            for handler in (observer._handler, *observer.handlers):  # noqa: SLF001 -- a router's own filters have no public name
                handler.check = _checking(handler)  # type: ignore[method-assign] # of this handler alone
                for item in _inner(handler.filters or []):
                    if _computes(item):
                        item.callback, item.awaitable = _on_the_loop(item.callback), True


def leave_unused(routers: Iterable[Router]) -> None:
    """A router is born with 28 observers of 2 kB, and a room listens with one or two; nothing is added after this."""
    for router in routers:
        for name in [name for name, observer in router.observers.items() if not observer.handlers]:
            del router.observers[name]
            delattr(router, name)


def _inner(items: list[FilterObject]) -> Iterator[FilterObject]:
    """The filters inside `and_f`, `or_f` and `~`, which ask them by themselves."""
    for item in items:
        held = (getattr(item.callback, "target", None), *getattr(item.callback, "targets", ()))
        inner = [one for one in held if isinstance(one, FilterObject)]
        yield from inner
        yield from _inner(inner)


def _computes(item: FilterObject) -> bool:
    return not item.awaitable and (item.magic is not None or isinstance(item.callback, State | StatesGroup))


def _on_the_loop(ask: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    async def answered(*event: Any, **known: Any) -> Any:
        return ask(*event, **known)

    return answered


def _checking(handler: HandlerObject) -> Callable[..., Coroutine[Any, Any, tuple[bool, dict[str, Any]]]]:
    """As aiogram's; most filters say no, so each is asked without a coroutine where it needs none."""

    async def check(event: Any, **known: Any) -> tuple[bool, dict[str, Any]]:
        for item in handler.filters or ():
            given = known if item.varkw else {name: known[name] for name in item.params if name in known}
            if item.awaitable:
                said = await item.callback(event, **given)
            elif _computes(item):
                said = item.callback(event, **given)
            else:
                said = await item.call(event, **known)
            if not said:
                return False, known
            if isinstance(said, dict):
                known.update(said)
        return True, known

    return check
