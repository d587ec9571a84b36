"""The parts of a report for those who check it: data, method, provenance, the code."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy import inference
from eventstudy.panel.suspicion.report import CHECKS
from eventstudy.report import RETURNS
from eventstudy.report.citations import Cited, cited
from eventstudy.report.document import Block, Code, Part, Points, Table, Terms, Text
from eventstudy.result import report_code, tables
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: numbers of a panel beyond which the report does not look through them
CHECKED = 20_000_000
#: findings of the data check that are listed
FOUND = 500
PACKAGES = ("numpy", "pandas", "scipy", "plotly")
MEASURES = """\
AR_it  = R_it − E[R_it]            abnormal return of event i on event day t
CAR_i  = Σ AR_it over t in W       over a window W
CAAR   = Σ CAR_i / N               over N events
Q_i    = |W| + ‖Σ x_t R⁻¹‖²        Var(CAR_i) = σ_i²·Q_i, the estimation's error included
SCAR_i = CAR_i / (σ_i·√Q_i)
n_eff  = N / (1 + (N − 1)·r̄)       what N correlated events are worth"""


# ── the data ─────────────────────────────────────────────────────────────────────────────
def checks_part(result: Result) -> Part:
    """What is suspicious in the prices; large panels are left to `Panel.check`."""
    panel, measure = result.panel, result.measure
    if measure is not RETURNS:
        said = (
            f"The checks are about prices, and this study measures {measure.noun}: ask them of the "
            f"panel that it was derived from, panel.check()."
        )
        return Part(title="Data checks", name="data", blocks=[Text(text=said)])
    size = panel.returns.size
    if size > CHECKED:
        said = (
            f"The panel holds {size:,} returns. The report looks through {CHECKED:,} at most; "
            f"panel.check() looks through all of them."
        )
        return Part(title="Data checks", name="data", blocks=[Text(text=said)])
    found = panel.check()
    if not len(found):
        none = "Nothing suspicious was found in the prices of this study. See panel.check()."
        return Part(title="Data checks", name="data", blocks=[Text(text=none)])
    counts = found.counts.rename(index=CHECKS).rename_axis("check").reset_index()
    blocks: list[Block] = [
        Text(text="Nothing was changed: these are places to look at."),
        Table(frame=counts.set_index("check"), title="Findings by check"),
        Table(frame=found.table, title=f"All findings ({len(found):,})", folded=True, rows=FOUND),
    ]
    return Part(title="Data checks", name="data", blocks=blocks)


# ── the method ───────────────────────────────────────────────────────────────────────────
def method_part(result: Result, windows: list[Window], tests: pd.DataFrame) -> Part:
    """What was measured and tested, with the formula and the papers of each."""
    model = cited(result.study.model)
    used = _tests(result, windows, tests.loc[tests["leading"], "test"])
    blocks: list[Block] = [
        Points(title="Model", texts=[_said(model)]),
        Points(title="Tests", texts=[_said(test) for test in used]),
        Code(title="Measures", text=MEASURES),
        Points(title="Sources", texts=_sources([model, *used])),
    ]
    return Part(title="Method", name="method", blocks=blocks)


def _tests(result: Result, windows: list[Window], shown: Iterable[str]) -> list[Cited]:
    """The tests that the answers of the windows rest on, and those that stand beside them."""
    answers = [tables.answer(result.abnormal, window) for window in windows]
    keys = [key for a in answers for key in (a.verdict.lead, a.verdict.interval)]
    return [cited(inference.resolve(key)) for key in dict.fromkeys([*keys, *shown])]


def _said(thing: Cited) -> str:
    return f"{thing.name}: {thing.summary}"


def _sources(things: list[Cited]) -> list[str]:
    """The papers, each once."""
    return list(dict.fromkeys(one for thing in things for one in thing.references))


# ── where everything comes from ──────────────────────────────────────────────────────────
def provenance_part(result: Result, windows: list[Window], room: Room) -> Part:
    """Source, fingerprint, versions, and the code that gives these numbers again."""
    known = result.provenance
    blocks: list[Block] = [Terms(rows=[*_source(known), ("Versions", _versions())])]
    if known["notes"]:
        blocks.append(Points(texts=known["notes"]))
    if known["report"]:
        report = pd.DataFrame.from_dict(known["report"], orient="index").rename_axis("ticker")
        blocks.append(
            Table(
                frame=report,
                title="What the loader said of each ticker",
                folded=True,
                rows=room.listed,
            )
        )
    what = "The code that gives these numbers" if result.measure is RETURNS else "The study"
    blocks += [
        Code(title=what, text=report_code.code(result, windows)),
        *report_code.events_file(result, room),
    ]
    return Part(title="Provenance", name="provenance", blocks=blocks)


def _source(known: dict[str, Any]) -> list[tuple[str, str]]:
    options = ", ".join(f"{name}={value!r}" for name, value in known["options"].items())
    factors = ", ".join(f"{name} {value}" for name, value in known["factors"].items())
    rows = [
        ("Source", known["source"] or "a table"),
        ("Fetched", known["fetched"]),
        ("Options", options),
        ("SHA-256 of the panel", known["sha256"]),
        ("Factors", factors),
    ]
    return [(label, text) for label, text in rows if text]


def _versions() -> str:
    """Of Python and of what the numbers were computed with."""
    python = ".".join(map(str, sys.version_info[:3]))
    found = [("Python", python), ("eventstudy", _version("eventstudy-numpy"))]
    found += [(name, _version(name)) for name in PACKAGES]
    return ", ".join(f"{name} {number}" for name, number in found if number)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its source
        return ""
