"""The parts of a report for those who check it: data, method, provenance, the code."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy import inference
from eventstudy.inference.folding import sums_of
from eventstudy.one_line import spelled
from eventstudy.panel import Panel
from eventstudy.panel.suspicion.report import CHECKS
from eventstudy.report.citations import Cited, cited
from eventstudy.report.document import Block, Code, Download, Part, Points, Table, Terms, Text
from eventstudy.result import tables
from eventstudy.result.report_room import Room
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

#: numbers of a panel beyond which the report does not look through them
CHECKED = 5_000_000
#: findings of the data check that are listed
FOUND = 500
#: how a formula begins in a spreadsheet
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: columns of the events that a study needs
NEEDED = ("ticker", "date", "session", "scheduled")
#: columns of a line of code
WIDE = 88
PACKAGES = ("numpy", "pandas", "scipy", "plotly")
#: how the loader of a source is written
LOADERS = {"simulated prices": "es.loaders.sample", "Yahoo Finance": "es.loaders.yahoo"}
MEASURES = """\
AR_it  = R_it − E[R_it]            abnormal return of event i on event day t
CAR_i  = Σ AR_it over t in W       over a window W
CAAR   = Σ CAR_i / N               over N events
Q_i    = |W| + ‖Σ x_t R⁻¹‖²        Var(CAR_i) = σ_i²·Q_i, the estimation's error included
SCAR_i = CAR_i / (σ_i·√Q_i)
n_eff  = N / (1 + (N − 1)·r̄)       what N correlated events are worth"""


# ── the data ─────────────────────────────────────────────────────────────────────────────
def checks_part(panel: Panel) -> Part:
    """What is suspicious in the prices; large panels are left to `Panel.check`."""
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
def method_part(result: Result, windows: list[Window]) -> Part:
    """What was measured and tested, with the formula and the papers of each."""
    model = cited(result.study.model)
    used = _tests(result, windows)
    blocks: list[Block] = [
        Points(title="Model", texts=[_said(model)]),
        Points(title="Tests", texts=[_said(test) for test in used]),
        Code(title="Measures", text=MEASURES),
        Points(title="Sources", texts=_sources([model, *used])),
    ]
    return Part(title="Method", name="method", blocks=blocks)


def _tests(result: Result, windows: list[Window]) -> list[Cited]:
    """The tests that the answers of the windows rest on."""
    answers = [tables.answer(result.abnormal, window) for window in windows]
    keys = [key for a in answers for key in (a.verdict.lead, a.verdict.interval)]
    return [cited(inference.resolve(key)) for key in dict.fromkeys(keys)]


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
    blocks += [
        Code(title="The code that gives these numbers", text=code(result, windows)),
        *_file(result, room),
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


def code(result: Result, windows: list[Window]) -> str:
    """Python that runs the study again, on the events of the file in the page."""
    asked = ", ".join(f"({w.first}, {w.last})" for w in windows)
    study = spelled(result.study, prefix="es.")
    options = {"full": "", "car": ', store="car"', "aggregate": ', store="aggregate"'}
    mark = result.panel.fingerprint[:16]
    kept = "aggregate" if sums_of(result.abnormal) is not None else "full"
    return "\n".join(
        [
            "import eventstudy as es",
            "",
            'events = es.read_events("events.csv")  # the file below',
            f"study = {study}",
            *_panel(result),
            f'assert panel.fingerprint.startswith("{mark}")  # the same prices',
            f"result = study.run(events, panel{options[kept]})",
            f"print(result.summary({asked}))",
        ]
    )


def _panel(result: Result) -> list[str]:
    """Load the panel again where its source can be asked, else open what was saved."""
    panel = result.panel
    loader = next((how for name, how in LOADERS.items() if panel.source.startswith(name)), None)
    if loader is None or not _as_loaded(panel):
        return ['panel = es.Panel.open("prices")  # kept with result.panel.save("prices")']
    first, last = panel.sessions[[0, -1]].astype(str)
    options = [f"market={panel.market!r}"] * (panel.market is not None)
    options += [f"kind={panel.kind!r}"] * (panel.kind != "simple")
    return [
        f"tickers = {_listed(panel.tickers)}",
        f'prices = {loader}(tickers, "{first}", "{last}")',
        f"panel = es.Panel.from_prices({', '.join(['prices', *options])})",
    ]


def _as_loaded(panel: Panel) -> bool:
    """Whether the panel is what its loader gives: no series made by hand, nothing taken away."""
    loaded = {*panel.tickers, *panel.factor_names} <= set(panel.provenance.report)
    plain = panel.masked is None and panel.risk_free is None and not panel.fields
    return loaded and plain and not panel.factor_names


def _listed(names: Sequence[str]) -> str:
    """A list of names, broken into lines where it is long."""
    inside = ", ".join(map(repr, names))
    if len(inside) <= WIDE:
        return f"[{inside}]"
    lines = textwrap.wrap(inside, WIDE, break_long_words=False, break_on_hyphens=False)
    return "\n    ".join(["[", *lines]) + ",\n]"


def _file(result: Result, room: Room) -> list[Block]:
    """The events as a file in the page, the dropped ones among them; too long a file stays out."""
    events = pd.concat([result.events, result.dropped[list(result.dropped.columns[:3])]])
    whole, needed = (csv_text(events[columns]) for columns in (events.columns, _needed(events)))
    note = "All events as they were given, those that were dropped among them."
    if len(whole) <= room.file:
        return [Download(name="events.csv", text=whole, note=note)]
    if len(needed) <= room.file:
        note = "All events with the columns that a study needs; the others are too long for a page."
        return [Download(name="events.csv", text=needed, note=note)]
    said = f"The file of the {len(events):,} events is too long for a page; result.events has them."
    return [Text(text=said, tone="quiet")]


def _needed(events: pd.DataFrame) -> list[str]:
    return [name for name in NEEDED if name in events.columns]


def csv_text(events: pd.DataFrame) -> str:
    """Write a CSV file that a spreadsheet takes for data: no text in it begins a formula."""
    safe = events.copy()
    safe.index = safe.index.map(_harmless)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_harmless)
    safe.columns = safe.columns.map(_harmless)
    return safe.to_csv(lineterminator="\n")


def _harmless(value: object) -> object:
    """Text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
