"""The rules of the house that no linter knows."""

import ast
import asyncio
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from aiogram import Router

import handlers
from bot.circulaire.passages import read_text
from bot.settings import CAMPAGNES
from handlers.words import act_words

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "handlers" / "texts"
ROOMS = sorted((ROOT / "handlers").glob("*.py"))
SOURCES = [path for folder in ("bot", "handlers", "storage") for path in sorted((ROOT / folder).rglob("*.py"))]
RULES = sorted((ROOT / "bot" / "circulaire").rglob("*.py"))
KEY = re.compile(r"[a-z]+/[a-z_]*[a-z]")  # « room/event »
SENTENCE = re.compile(r"\w[ \u00a0\u202f’][^|()\\]*[.!?…]$")  # words, then the end of a sentence; patterns are none
TWINS = re.compile(r"(?i)(?:^|_)(slot|staff|inspector|attachment|applicant|application|campaign)s?(?=_|$)")
GLOSSARY = ROOT / ".github" / "GLOSSARY.md"


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def docstrings(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            words = ast.get_docstring(node)
            if words:
                yield words


def strings(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """The strings of a module, docstrings left out."""
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@cache
def keys_said() -> tuple[set[str], set[str]]:
    """The texts named in the code, whole, and the beginnings of those whose end is found at run time."""
    whole, begun = set(), set()
    for path in SOURCES:
        nodes = list(ast.walk(tree(path)))
        whole |= {word for word in strings(nodes) if KEY.fullmatch(word)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    return whole, {start for start in begun if re.fullmatch(r"[a-z]+/[a-z_]*", start)}


def texts() -> set[str]:
    return {str(path.relative_to(TEXTS)).removesuffix(".html.j2") for path in TEXTS.rglob("*.html.j2")}


def test_every_text_that_a_room_says_exists() -> None:
    folders = {path.name for path in TEXTS.iterdir() if path.is_dir()}
    said, _ = keys_said()

    assert {key for key in said if key.partition("/")[0] in folders} - texts() == set()


def test_every_text_is_said_by_some_room_or_taken_up_by_another_text() -> None:
    said, begun = keys_said()
    taken_up = {
        key
        for path in TEXTS.rglob("*.j2")
        for key in re.findall(r"""["']([a-z]+/[a-z_]+)\.(?:html|txt)\.j2["']""", path.read_text(encoding="utf-8"))
    }

    subjects = {key for key in texts() if key.endswith("_subject") and key.removesuffix("_subject") in texts()}
    silent = {key for key in texts() - said - taken_up - subjects if not key.startswith(tuple(begun))}

    assert silent == set()


def own_words(call: ast.Call) -> Iterator[str]:
    """Words that a call of `answer` holds itself, instead of having them from `say`."""
    pending: list[ast.AST] = [*call.args[:1]]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
            yield f"line {node.lineno}: {node.value}"
        pending += ast.iter_child_nodes(node)


@pytest.mark.parametrize("room", ROOMS, ids=[path.stem for path in ROOMS])
def test_a_room_answers_with_the_words_of_a_text_alone(room: Path) -> None:
    calls = [node for node in ast.walk(tree(room)) if isinstance(node, ast.Call)]
    mouths = {"answer", "reply", "edit_text", "answer_document", "answer_photo", "send_message"}

    spoken = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in mouths]

    assert [words for call in spoken for words in own_words(call)] == []


@pytest.mark.parametrize("room", ROOMS, ids=[path.stem for path in ROOMS])
def test_a_room_holds_no_sentence(room: Path) -> None:
    """Labels of buttons, names of commands and what people may type stay beside the code that reads them."""
    assert [words for words in strings(list(ast.walk(tree(room)))) if SENTENCE.search(words)] == []


def test_a_file_holds_less_than_three_hundred_lines() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert {path: lines for path, lines in long.items() if lines > 300} == {}


def handlers_of(room: Path) -> list[ast.AsyncFunctionDef]:
    """What a room registers for words, choices, changes and arrivals."""
    events = {"message", "callback_query", "edited_message", "my_chat_member"}
    made = [node for node in tree(room).body if isinstance(node, ast.AsyncFunctionDef)]
    calls = {node: [deco.func for deco in node.decorator_list if isinstance(deco, ast.Call)] for node in made}
    return [n for n in made if any(isinstance(call, ast.Attribute) and call.attr in events for call in calls[n])]


@pytest.mark.parametrize("room", ROOMS, ids=[path.stem for path in ROOMS])
def test_a_handler_is_handed_its_turn_first(room: Path) -> None:
    first = {one.name: one.args.args[0] for one in handlers_of(room)}

    assert {name: arg.arg for name, arg in first.items() if arg.arg != "turn"} == {}


@pytest.mark.parametrize("room", ROOMS, ids=[path.stem for path in ROOMS])
def test_no_function_of_a_room_asks_for_more_than_six_things(room: Path) -> None:
    made = [node for node in ast.walk(tree(room)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    asked = {one.name: len([*one.args.args, *one.args.kwonlyargs]) for one in made}

    assert {name: number for name, number in asked.items() if number > 6} == {}


def test_every_router_of_a_room_is_in_the_order_of_the_rooms() -> None:
    modules = [importlib.import_module(f"handlers.{path.stem}") for path in ROOMS if path.stem != "__init__"]
    own = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Router)}

    assert {id(router) for router in own.values()} == {id(router) for router in handlers.ROUTERS}
    assert len(handlers.ROUTERS) == len(set(map(id, handlers.ROUTERS)))


def quotations() -> list[tuple[str, str, str]]:
    """`(module, passage, words)` of every « quotation » after « Source: » in the rule book."""
    found = []
    for path in RULES:
        for words in docstrings(tree(path)):
            for source in re.findall(r"Source: (.+?)(?:\n\n|\Z)", words, re.DOTALL):
                flat = " ".join(source.split())
                found += [(path.stem, *pair) for pair in re.findall(r"§([A-Z][\w.]*?),? « (.+?) »", flat)]
    return found


@pytest.mark.parametrize("quotation", quotations(), ids=lambda quotation: f"{quotation[0]} {quotation[1]}")
def test_what_the_rule_book_quotes_is_in_the_circular(quotation: tuple[str, str, str]) -> None:
    _, passage, words = quotation
    circular = read_text((CAMPAGNES / "17AN0076" / "circulaire.md").read_text(encoding="utf-8"))

    assert circular.passages[passage].contains(words)


def test_every_source_of_the_rule_book_gives_the_words() -> None:
    named = [words for path in RULES for words in docstrings(tree(path)) if "Source: " in words]

    assert [words for words in named if not re.search(r"Source: §[A-Z][\w.]*, « ", words)] == []
    assert len(quotations()) >= len(named) > 0


def test_every_act_of_the_journal_has_words_for_the_bureau() -> None:
    acts = {
        word
        for path in [*ROOMS, *(ROOT / "storage").glob("*.py")]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note"
        for word in (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))
    }

    assert {act for act in acts if act_words(str(act)) == act} == set()


def classes(path: Path) -> list[str]:
    return [node.name for node in tree(path).body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def test_every_class_of_the_procedure_is_a_word_of_the_glossary() -> None:
    glossary = set(re.findall(r"^\| `(\w+)`", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        name
        for path in [*RULES, *(ROOT / "storage" / name for name in ("columns.py", "tables.py", "bureau.py"))]
        for name in classes(path)
    }

    assert named - glossary == set()
    assert glossary - named == set()


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_nothing_has_a_second_name(path: Path) -> None:
    names = [
        node.name if not isinstance(node, ast.arg) else node.arg
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.arg)
    ]
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name) for name in names]

    assert [word for word in words if TWINS.search(word)] == []


@pytest.mark.service
async def test_the_roads_of_the_house_are_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(str(command), cwd=ROOT, stdout=pipe, stderr=pipe)
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()


@pytest.mark.service
def test_what_is_installed_is_complete() -> None:
    """The lock is installed as it is written: what it lacked would be missing (decision 0179)."""
    check = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    told = subprocess.run(check, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
