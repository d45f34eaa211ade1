"""Lets libraries be imported without what the service never uses of them.

aiogram rebuilds every type when it is imported: seconds and some 100 MB, of which a bot uses a tenth. Here the fields
of each type are completed, which is quick, and pydantic builds its validator the first time that it is used.
nio keeps its keys in SQLite through peewee, which loads the driver of PostgreSQL (10 MB) wherever it is installed.
PyCryptodome loads a compiler of C declarations (1 MB) where ctypes does as well.
structlog loads a painter of terminals (4 MB) wherever it is installed; nothing here is painted.
nio loads HTTP/2 (2 MB) for an older client of its own.
The package of the stemmers loads those of 38 languages (3 MB): here it is only where their modules are.
Importing this module costs nothing and imports nothing of aiogram.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

_AIOGRAM = "aiogram"
_StandIns = dict[str, Any]  # modules by their names; None is how Python says « not installed »
_HTTP2: _StandIns = {name: ModuleType(name) for name in ("h11", "h2", "h2.connection", "h2.events")}
_UNWANTED: dict[str, _StandIns] = {  # for whom what stands in for what
    "peewee": {"psycopg": None},
    "Crypto.Util._raw_api": {"cffi": None},
    "structlog.dev": {"rich": None},
    "structlog.tracebacks": {"rich": None},
    "nio.http": _HTTP2,
    "nio.client.http_client": _HTTP2,
}
_STEMMERS = "snowballstemmer"


class _Finder(MetaPathFinder):
    """Finds these libraries where they are, with a loader that spares what is not used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _LOADERS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LOADERS[fullname](spec.loader.name, spec.loader.path)
        return spec


class _Without(SourceFileLoader):
    """Loads a module while others that it asks for are stood in for; what is loaded already stays."""

    def exec_module(self, module: ModuleType) -> None:
        unwanted = {name: other for name, other in _UNWANTED[module.__name__].items() if name not in sys.modules}
        sys.modules.update(unwanted)
        try:
            super().exec_module(module)
        finally:
            for name in unwanted:
                del sys.modules[name]


class _Empty(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


class _Deferring(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        with _deferred() as put_off:
            super().exec_module(module)
        for model, names in put_off:
            _complete_fields(model, names)


_LOADERS = {_AIOGRAM: _Deferring, _STEMMERS: _Empty, **dict.fromkeys(_UNWANTED, _Without)}


@contextmanager
def _deferred() -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """While aiogram is imported, a rebuild only notes the type and where its names are to be looked up."""
    from pydantic import BaseModel  # noqa: PLC0415 -- only where aiogram is wanted

    put_off: list[tuple[Any, dict[str, Any]]] = []

    def note(cls: Any, *, _types_namespace: dict[str, Any]) -> None:
        put_off.append((cls, _types_namespace))

    rebuild = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(note)  # type: ignore[method-assign, assignment] # put back below
    try:
        yield put_off
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]


def _complete_fields(model: Any, names: dict[str, Any]) -> None:
    """Turn a type's annotations into types: all that subclasses, adapters and other models need of it."""
    from pydantic._internal import _config, _fields, _namespace_utils  # noqa: PLC0415 -- pydantic is pinned

    if model.__pydantic_fields_complete__:
        return
    model.__pydantic_fields__, _ = _fields.rebuild_model_fields(
        model,
        config_wrapper=_config.ConfigWrapper(model.model_config, check=False),
        ns_resolver=_namespace_utils.NsResolver(parent_namespace=names),
        typevars_map={},
    )


def defer_types() -> None:
    """Spare all this from now on; without effect on what is imported already."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
