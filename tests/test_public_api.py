"""The public names: all there, each documented, none hidden by a file, all cheap to import."""

import ast
import doctest
import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import eventstudy as es

ROOT = Path(__file__).parents[1]
HEAVY = (
    "statsmodels",
    "scipy.stats",
    "matplotlib",
    "yfinance",
    "pyarrow",
    "exchange_calendars",
    "arch",
    "plotly",
    "jinja2",
    "xlsxwriter",
    "tqdm",
)
#: modules whose own public names belong to the interface
OPEN_MODULES = (
    "activity",
    "catalysts",
    "factors",
    "inference",
    "loaders",
    "models",
    "sources",
    "testing",
    "universe",
)
#: methods that an object of the user's own has to have, and that the package calls itself
CALLED_FOR_YOU = {"find", "fit", "label", "linear_design", "parts"}


def public_names(module: ModuleType) -> list[str]:
    names: list[str] = list(module.__all__)
    return names


def described(thing: object) -> bool:
    """Whether a docstring was written, not made: a dataclass without one gets its signature."""
    text = inspect.getdoc(thing) or ""
    name = getattr(thing, "__name__", "")
    return len(text.split()) >= 2 and not (name and text.startswith(f"{name}("))


def example(thing: object) -> str:
    """The code of a docstring's examples."""
    parsed = doctest.DocTestParser().get_examples(inspect.getdoc(thing) or "")
    return "".join(each.source for each in parsed)


def open_callables() -> dict[str, object]:
    """Every public function and class, under the name by which a user calls it."""
    found = {name: getattr(es, name) for name in es.__all__}
    for module in OPEN_MODULES:
        home = importlib.import_module(f"eventstudy.{module}")
        found.update({f"{module}.{name}": getattr(home, name) for name in public_names(home)})
    return {name: thing for name, thing in found.items() if callable(thing)}


def public_methods(thing: type) -> dict[str, object]:
    """Its public methods that are ours, inherited ones too."""
    members = {name: inspect.getattr_static(thing, name) for name in dir(thing) if name[0] != "_"}
    bare = {name: getattr(value, "__func__", value) for name, value in members.items()}
    return {
        name: value
        for name, value in bare.items()
        if inspect.isfunction(value) and value.__module__.startswith("eventstudy")
    }


def refuses(method: object) -> bool:
    """Whether a class has it only to say that it cannot be asked."""
    return (inspect.getdoc(method) or "").startswith("Refuse:")


CALLABLES = open_callables()
CLASSES = {name: thing for name, thing in CALLABLES.items() if inspect.isclass(thing)}
#: what a user holds in hands, method by method; a protocol is what the user makes
HELD = [name for name, thing in CLASSES.items() if not getattr(thing, "_is_protocol", False)]


def run_python(code: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own interpreter on our own text)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


# ── names ────────────────────────────────────────────────────────────────────────────────
def test_names_are_unique() -> None:
    assert len(set(es.__all__)) == len(es.__all__)
    assert dir(es) == sorted(es.__all__)


@pytest.mark.parametrize("name", es.__all__)
def test_name_is_the_same_twice_also_after_the_command_line(name: str) -> None:
    first = getattr(es, name)
    importlib.import_module("eventstudy.cli")
    assert getattr(es, name) is first
    assert getattr(importlib.import_module("eventstudy"), name) is first


def test_names_survive_the_import_of_every_module() -> None:
    code = (
        "import importlib, json, pkgutil, eventstudy as es\n"
        "for found in pkgutil.walk_packages(es.__path__, 'eventstudy.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
        "print(json.dumps({n: type(getattr(es, n)).__name__ for n in es.__all__}))"
    )
    kinds = json.loads(run_python(code))
    assert {n for n, kind in kinds.items() if kind == "module"} == {
        n for n in es.__all__ if isinstance(getattr(es, n), ModuleType)
    }


def test_no_file_bears_the_name_of_a_public_callable() -> None:
    files = {path.stem for path in (ROOT / "eventstudy").iterdir()}
    callables = {name for name in es.__all__ if callable(getattr(es, name))}
    assert not files & callables


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'eventstudy' has no attribute 'Windo'"):
        getattr(es, "Windo")  # noqa: B009  (a type checker refuses the plain form)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "eventstudy" / "__init__.py").read_text(encoding="utf-8"))
    seen = [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.If)
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    ]
    assert sorted(seen) == sorted(es.__all__)


# ── documentation ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", es.__all__)
def test_name_is_described(name: str) -> None:
    assert described(getattr(es, name))


@pytest.mark.parametrize("module", OPEN_MODULES)
def test_open_module_describes_its_names(module: str) -> None:
    home = importlib.import_module(f"eventstudy.{module}")
    documented = [getattr(home, name) for name in public_names(home)]
    bare = [
        getattr(thing, "__name__", thing)
        for thing in documented
        if callable(thing) and not described(thing)
    ]
    assert not bare


@pytest.mark.parametrize("name", [n for n in es.__all__ if inspect.isclass(getattr(es, n))])
def test_public_methods_are_described(name: str) -> None:
    bare = [
        key
        for key, value in vars(getattr(es, name)).items()
        if not key.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, property))
        and not described(value)
    ]
    assert not bare


@pytest.mark.parametrize("name", CALLABLES)
def test_callable_has_an_example_that_runs(name: str) -> None:
    """`make test` runs the examples of all docstrings."""
    assert example(CALLABLES[name])


def having(name: str, method: str) -> list[type]:
    """The classes that a method of a public class comes from."""
    return [kind for kind in CLASSES[name].__mro__ if method in vars(kind)]


@pytest.mark.parametrize("name", HELD)
def test_every_method_is_described_and_shown(name: str) -> None:
    """In an example of its own, or in that of its class or of the class that it comes from."""
    lineage = CLASSES[name].__mro__[:-1]
    whole = "".join(example(kind) for kind in lineage)
    methods = {k: f for k, f in public_methods(CLASSES[name]).items() if not refuses(f)}
    assert [key for key, method in methods.items() if not described(method)] == []
    shown = {
        key
        for key in methods
        if key in CALLED_FOR_YOU
        or re.search(
            rf"\.{key}\(", whole + "".join(example(vars(kind)[key]) for kind in having(name, key))
        )
    }
    assert set(methods) - shown == set()


def undescribed(thing: object, told: str = "") -> list[str]:
    """Parameters that neither its docstring nor what is ``told`` already names."""
    text = (inspect.getdoc(thing) or "") + told
    assert callable(thing)
    asked = [name for name in inspect.signature(thing).parameters if name not in {"self", "cls"}]
    return [name for name in asked if not re.search(rf"\b{name}\b", text)]


@pytest.mark.parametrize("name", [n for n, thing in CALLABLES.items() if n not in CLASSES])
def test_docstring_names_every_parameter(name: str) -> None:
    assert undescribed(CALLABLES[name]) == []


@pytest.mark.parametrize("name", HELD)
def test_docstrings_of_methods_name_every_parameter(name: str) -> None:
    methods = {k: f for k, f in public_methods(CLASSES[name]).items() if not refuses(f)}
    silent = {
        key: undescribed(f, "".join(vars(kind)[key].__doc__ or "" for kind in having(name, key)))
        for key, f in methods.items()
        if key not in CALLED_FOR_YOU
    }
    assert {key: names for key, names in silent.items() if names} == {}


def test_methods_page_has_a_row_for_every_model_and_test() -> None:
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    tests = {*es.inference.names(resampling=True), "contrasts"}
    assert rows == {*tests, *importlib.import_module("eventstudy.models").__all__}


def test_methods_page_names_every_public_function_of_models_and_inference_in_a_table() -> None:
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*es.inference.__all__, *importlib.import_module("eventstudy.models").__all__} <= named


def test_methods_page_names_tests_that_exist() -> None:
    """Whatever has a row is tested: in a file, by a test, or where a letter of the page says."""
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    files = list((ROOT / "tests").rglob("test_*.py"))
    texts = [path.read_text(encoding="utf-8") for path in files]
    there = {path.stem for path in files}
    there.update(*(re.findall(r"^def (test_\w+)", text, re.MULTILINE) for text in texts))
    assert set(re.findall(r"\btest_\w+", page)) <= there
    letters = set(re.findall(r"\b([A-Z])\W+`tests/", page))
    heads = {line for line in page.splitlines() if line.rstrip(" |").endswith("| tested in")}
    assert len(heads) >= 4
    for head in heads:
        for table in page.split(head)[1:]:
            for row in table.split("\n\n", 1)[0].splitlines()[2:]:
                where = re.split(r"(?<!\\)\|", row)[-2].strip()
                known = "test_" in where or where == "as above"
                assert known or set(where.split(", ")) & letters, row


@pytest.mark.parametrize("name", es.__all__)
def test_name_stands_in_the_documents(name: str) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert name in page.split()


# ── what an import costs ─────────────────────────────────────────────────────────────────
def heavy_after(code: str, names: tuple[str, ...] = HEAVY) -> str:
    return run_python(f"{code}; import sys; print([m for m in {names!r} if m in sys.modules])")


def test_import_brings_no_heavy_library() -> None:
    assert heavy_after("import eventstudy") == "[]\n"


def test_a_study_and_its_repr_bring_no_heavy_library() -> None:
    ours = tuple(name for name in HEAVY if name != "pyarrow")
    assert heavy_after("import eventstudy as es; repr(es.EventStudy())", ours) == "[]\n"


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]])
def test_the_help_is_quick(words: list[str]) -> None:
    """Not even tables are loaded to say what can be typed."""
    code = (
        "import contextlib, io, sys; from eventstudy.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        f"    main({words!r})\n"
        f"print([m for m in {('numpy', 'pandas', *HEAVY)!r} if m in sys.modules])"
    )
    assert run_python(code) == "[]\n"


def test_public_names_bring_no_heavy_library() -> None:
    # pandas loads pyarrow itself where it is installed
    ours = tuple(name for name in HEAVY if name != "pyarrow")
    code = "import eventstudy as es; [getattr(es, n) for n in es.__all__]"
    assert heavy_after(code, ours) == "[]\n"


def test_numerics_bring_no_tables() -> None:
    code = (
        "import sys, eventstudy.inference, eventstudy.models, eventstudy.engine;"
        "print('pandas' in sys.modules)"
    )
    assert run_python(code) == "False\n"
