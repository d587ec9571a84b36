"""The code of README.md and docs/*.md runs, and prints what stands below it.

The ```` ```python ```` blocks of a file share one namespace and run in order. A ```` ```text ````
block that follows directly is what its python block prints. A block below the comment
``<!-- not run: reason -->`` is left out.
"""

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: a page that needs a network or a user's own file is the exception
MOST_LEFT_OUT = 3

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n+)?"
    r"```python\n(?P<code>.*?)^```\n"
    r"(?:\n*```text\n(?P<printed>.*?)^```)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Snippet:
    line: int
    code: str
    printed: str | None
    reason: str | None


def snippets(text: str) -> list[Snippet]:
    return [
        Snippet(text.count("\n", 0, m.start("code")), m["code"], m["printed"], m["reason"])
        for m in _BLOCK.finditer(text)
    ]


def without_trailing_blanks(text: str) -> list[str]:
    """Lines to compare; a fingerprint may differ where another processor rounds otherwise."""
    text = re.sub(r"sha256 [0-9a-f]{8}", "sha256 ········", text)
    return [line.rstrip() for line in text.rstrip().splitlines()]


def play(path: Path, found: list[Snippet]) -> None:
    names: dict[str, object] = {"__name__": "__docs__"}
    for snippet in found:
        if snippet.reason is not None:
            continue
        # blank lines before the code: a traceback shows the line of the document
        code = compile("\n" * snippet.line + snippet.code, str(path), "exec")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, names)  # noqa: S102  (the documents are ours)
        if snippet.printed is not None:
            where = f"{path.name}, line {snippet.line}"
            expected = without_trailing_blanks(snippet.printed)
            assert without_trailing_blanks(out.getvalue()) == expected, where


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_code_runs_and_prints_what_is_shown(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    play(path, snippets(path.read_text(encoding="utf-8")))


def test_readme_has_code_that_runs() -> None:
    found = snippets(FILES[0].read_text(encoding="utf-8"))
    assert any(snippet.reason is None for snippet in found)


def test_few_blocks_are_left_out() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    left_out = [s.reason for text in texts for s in snippets(text) if s.reason is not None]
    assert len(left_out) <= MOST_LEFT_OUT, left_out


def test_every_python_fence_is_found() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert len(snippets(text)) == len(re.findall(r"^ *```python", text, re.MULTILINE)), path


# ── the reader of documents itself ───────────────────────────────────────────────────────
def test_blocks_share_names_and_are_compared() -> None:
    page = "```python\nx = 2\n```\nthen\n```python\nprint(x)\n```\n\n```text\n2\n```\n"
    found = snippets(page)
    assert [s.printed for s in found] == [None, "2\n"]
    play(Path("page.md"), found)


def test_wrong_output_is_noticed() -> None:
    page = "```python\nprint(3)\n```\n```text\n2\n```\n"
    with pytest.raises(AssertionError, match=r"page\.md, line 1"):
        play(Path("page.md"), snippets(page))


def test_a_block_with_a_reason_is_left_out() -> None:
    page = "<!-- not run: needs a network -->\n```python\nraise SystemExit\n```\n"
    (found,) = snippets(page)
    assert found.reason == "needs a network"
    play(Path("page.md"), [found])


def test_text_that_follows_prose_is_not_output() -> None:
    page = "```python\nprint(3)\n```\nA file looks so:\n```text\n2\n```\n"
    (found,) = snippets(page)
    assert found.printed is None
