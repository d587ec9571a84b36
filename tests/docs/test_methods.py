"""docs/methods.md has a row for every model, test and procedure, and each row leads somewhere.

Formula ↔ function ↔ paper ↔ test: the function is public, the paper stands in its docstring, the
file of tests is there. The identities of section G have a test of their own
(`tests/properties/test_every_invariant.py`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import eventstudy as es
from eventstudy import activity, inference, models
from eventstudy.result import Result

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}

#: models and tests that follow no paper, and why
WITHOUT_PAPER = {"RawReturn": "the return itself: there is nothing to derive"}
#: what estimates, tests or measures beside models and tests, as the page names it
PROCEDURES = [
    *("BuyAndHold", "ControlFirms", "ReferencePortfolios", "CalendarTime", "Rule"),
    *("volume", "volatility", "overnight", "factors.peers"),
    *("study.calibrate", "study.preview", "study.vary", "detect"),
    *("Result.single", "Result.news_days", "result.explain", "result.compare"),
    *("bonferroni", "holm", "bh", "by", "romano_wolf", "romano_wolf_windows"),
    *("correlation", "valid", "detectable", "names", "resolve"),
]

_LEGEND = re.compile(r"\b([A-Z]):\s+`(tests/[\w/]+\.py)`")
_PAPER = re.compile(r"(?P<who>[^;\d]+?),? (?P<year>(?:19|20)\d\d)\b")


@dataclass(frozen=True)
class Row:
    section: str
    cells: dict[str, str]

    @property
    def name(self) -> str:
        """What the row is about, without marks."""
        return next(iter(self.cells.values())).strip("`")


def sections() -> dict[str, str]:
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    return dict(part.split("\n", 1) for part in parts)


def rows() -> list[Row]:
    """Every row of a table that says where it is tested, but for the identities."""
    found = []
    for title, text in sections().items():
        if title.startswith("G."):
            continue
        for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            head, _, *body = [
                [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                for line in table.splitlines()
            ]
            if "tested in" in head:
                found += [Row(title, dict(zip(head, cells, strict=True))) for cells in body]
    return found


ROWS = rows()
BY_NAME = {row.name: row for row in ROWS}
NAMES = [*models.__all__, *inference.names(resampling=True)]


def legend(section: str) -> dict[str, str]:
    """Letters → files of tests: those of the section before those of others."""
    return dict(_LEGEND.findall(PAGE)) | dict(_LEGEND.findall(sections()[section]))


@pytest.mark.parametrize("name", NAMES)
def test_every_model_and_test_has_a_row_with_its_paper(name: str) -> None:
    row, thing = BY_NAME[name], getattr(models, name, None) or inference.resolve(name)
    source = row.cells.get("source", row.cells.get("after", ""))
    assert bool(source) != (name in WITHOUT_PAPER), (name, source)
    told = " ".join((thing.__doc__ or "").split("References", 1)[-1].split())
    for who, year in _PAPER.findall(source):
        surname = re.split(r",| and ", who.strip())[0]
        assert surname in told, (name, surname)
        assert year in told, (name, year)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.section.split('.')[0]}-{row.name}")
def test_every_row_names_tests_that_are_there(row: Row) -> None:
    said = row.cells["tested in"]
    if said == "as above":
        return
    letters, known = re.findall(r"\b[A-Z]\b", re.sub(r"`[^`]+`", "", said)), legend(row.section)
    named = re.findall(r"`([^`]+)`", said)
    assert letters or named, row
    for letter in letters:
        assert (ROOT / known[letter]).is_file(), (row, letter)
    for name in named:
        if name.endswith(".py"):
            assert Path(name).name in FILES, (row, name)
        else:
            assert any(f"def {name}(" in p.read_text("utf-8") for p in FILES.values()), (row, name)


#: files beside a file of tests that hold the names it goes through
BESIDE = {
    "test_oracle_matrix.py": ["oracle_models.py", "oracle_tests.py"],
    "test_inference_golden.py": ["golden/fixtures.py"],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_a_row_name_what_they_test(name: str) -> None:
    row = BY_NAME[name]
    said, known = row.cells["tested in"], legend(row.section)
    letters = re.findall(r"\b[A-Z]\b", re.sub(r"`[^`]+`", "", said))
    named = [FILES[Path(file).name] for file in re.findall(r"`([^`]+\.py)`", said)]
    for file in [*(ROOT / known[letter] for letter in letters), *named]:
        beside = [ROOT / "tests" / other for other in BESIDE.get(file.name, [])]
        texts = " ".join(path.read_text("utf-8") for path in (file, *beside))
        assert re.search(rf"\b{name}\b", texts), (name, file.name)


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_procedure_is_on_the_page(name: str) -> None:
    assert re.search(rf"`(?:es\.)?{re.escape(name)}\b", PAGE), name


def public(name: str) -> bool:
    """Whether a name of a column "function" leads to something public."""
    first, _, rest = name.partition(".")
    places = [es, activity, inference, models, activity.Volatility]
    thing = next((getattr(p, first) for p in places if hasattr(p, first)), None)
    return thing is not None and (
        not rest or hasattr(thing, rest) or rest in getattr(thing, "__dataclass_fields__", {})
    )


def test_every_function_of_the_page_is_there() -> None:
    said = {
        name
        for row in ROWS
        for name in re.findall(r"`(\.?[\w.]+)(?:\([^`]*)?`", row.cells.get("function", ""))
    }
    measures = {"model", "log", "measure"}  # options, in the table of activity
    owners = [es.LongRun, es.CalendarPortfolio, Result]
    missing = {
        name
        for name in said - measures
        if not (
            any(hasattr(owner, name[1:]) for owner in owners)
            if name.startswith(".")
            else public(name)
        )
    }
    assert not missing


def test_every_abbreviated_journal_is_explained() -> None:
    said = set(re.findall(r"\b([A-Z]{2,5}|Ecta|REStat)(?: [AB])? (?:\d+|supplement)\b", PAGE))
    journals = sections()["Journals"]
    assert not {name for name in said if not re.search(rf"\b{name}\s[A-Z]", journals)}
