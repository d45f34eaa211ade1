"""Lets aiogram be imported without building the validators of its 400 types at once.

aiogram rebuilds every type when `aiogram.types` is imported: seconds and some 75 MB, of which a bot uses a tenth. Here
each type is only told where its names are to be looked up; pydantic then builds it the first time that it is used.
Importing this module costs nothing and imports nothing of aiogram.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_TYPES, _METHODS = "aiogram.types", "aiogram.methods"


class _Finder(MetaPathFinder):
    """Finds aiogram's types and methods where they are, with a loader that defers."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in {_TYPES, _METHODS}:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Deferring(spec.loader)
        return spec


class _Deferring(Loader):
    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == _TYPES:
            with _deferred():
                self._loader.exec_module(module)
            return
        self._loader.exec_module(module)
        if _namespace:  # the methods' classes are made of types that are not built yet
            for made in vars(module).values():
                if isinstance(made, type) and "__pydantic_parent_namespace__" in vars(made):
                    made.__pydantic_parent_namespace__ = _namespace[0]  # type: ignore[attr-defined] # pydantic's own


_namespace: list[Any] = []  # where every name of aiogram's types is looked up, in the form that pydantic keeps


@contextmanager
def _deferred() -> Iterator[None]:
    """While aiogram's types are imported, a rebuild only notes where names are to be looked up."""
    from pydantic import BaseModel  # noqa: PLC0415 -- only where aiogram is wanted
    from pydantic._internal._model_construction import build_lenient_weakvaluedict  # noqa: PLC0415 -- pydantic is pinned

    rebuild = BaseModel.__dict__["model_rebuild"]

    def note(cls: Any, *, _types_namespace: dict[str, Any]) -> None:
        if not _namespace:
            _namespace.append(build_lenient_weakvaluedict(_types_namespace))
        cls.__pydantic_parent_namespace__ = _namespace[0]

    BaseModel.model_rebuild = classmethod(note)  # type: ignore[method-assign, assignment] # put back below
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]


def defer_types() -> None:
    """Defer from now on; without effect once aiogram is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
