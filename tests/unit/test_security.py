"""What SECURITY.md promises and a search can show: nothing that is read becomes code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "eventstudy").rglob("*.py"))
#: names that run text or bytes as code, wherever they are called
RUNS_CODE = {"eval", "exec", "compile", "__import__", "system", "popen", "read_pickle", "to_pickle"}
#: modules that do so when they read
UNPICKLES = {"dill", "joblib", "marshal", "shelve", "cloudpickle", "yaml"}


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Each call, by the last part of its name, with what it is an attribute of."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if not re.fullmatch(r"re\.compile", name):
                found.append((name.rpartition(".")[2], node))
    return found


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_run_or_unpickled(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = calls(tree)
    assert not {name for name, _ in called} & RUNS_CODE
    assert not imported(tree) & (UNPICKLES | {"subprocess"})
    for name, call in called:
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        whole = ast.unparse(call.func)
        if whole in {"np.load", "np.save"} or name == "read_array":
            assert options.get("allow_pickle") == "False", whole
        assert options.get("shell") != "True"
        assert options.get("verify") != "False"


def test_pickle_is_only_tried_on_a_model_of_the_users() -> None:
    """Where an executor could not send it; nothing is ever read back."""
    using = [p for p in FILES if "pickle" in imported(ast.parse(p.read_text(encoding="utf-8")))]
    assert [path.name for path in using] == ["streaming.py"]
    text = using[0].read_text(encoding="utf-8")
    assert set(re.findall(r"pickle\.(\w+)", text)) == {"PicklingError", "dumps"}


def test_only_loaders_sources_and_factors_know_the_network() -> None:
    asking = {
        path.relative_to(ROOT / "eventstudy").parts[0]
        for path in FILES
        if imported(ast.parse(path.read_text(encoding="utf-8")))
        & {"requests", "urllib3", "socket", "http", "yfinance", "curl_cffi", "ftplib"}
    }
    assert asking <= {"web", "loaders", "sources"}


def test_the_page_is_linked() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "(SECURITY.md)" in (ROOT / page).read_text(encoding="utf-8")
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "@" not in said  # no address of a person
    for part in ("trusted", "Supported versions", "Reporting a problem"):
        assert part in said
