"""The HTML of a summary in a real browser: hostile text stays text, a phone shows all of it."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.report import Facts, Summary

pytestmark = pytest.mark.browser

PHONE, NOTEBOOK = 390, 1000  # CSS pixels
HOSTILE = '<img src=x onerror="top.hacked=1"><script>top.hacked=1</script>\'&amp;"</td></table>'
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=3000",
)
#: what the outer page writes into itself about the page in its frame
MEASURE = """
window.hacked = 0;
window.onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const root = page.documentElement;
  const found = {
    hacked: window.hacked,
    foreign: page.querySelectorAll("img, script, iframe, object, link").length,
    tables: page.querySelectorAll("table").length,
    text: page.body.textContent,
    wanted: root.scrollWidth,
    shown: root.clientWidth,
  };
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
};
"""


@dataclass(frozen=True)
class Found:
    """What the browser saw."""

    hacked: int
    foreign: int
    tables: int
    text: str
    wanted: int
    shown: int


def browser() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {', '.join(names)} is installed: see `make test-browser`"
    return found


def look(body: str, folder: Path, width: int = PHONE) -> Found:
    """Show ``body`` in a frame, as wide as a phone unless told otherwise, and measure it."""
    page = f"<!doctype html><html lang='en'><meta charset='utf-8'><body>{body}</body></html>"
    outer = folder / "page.html"
    outer.write_text(
        f"<!doctype html><meta charset='utf-8'><script>{MEASURE}</script>"
        f"<body><iframe style='width:{width}px;height:800px;border:0' "
        f'srcdoc="{html.escape(page)}"></iframe></body>',
        encoding="utf-8",
    )
    done = subprocess.run(  # noqa: S603  (the browser on a page of ours)
        [browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", outer.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    report = done.stdout.partition('<pre id="found">')[2].partition("</pre>")[0]
    assert report, done.stderr
    return Found(**json.loads(html.unescape(report)))


def caar(note: str) -> pd.DataFrame:
    row = {
        "estimate": -0.008,
        "ci_low": -0.089,
        "ci_high": 0.073,
        "test": "adj_bmp",
        "statistic": -0.21,
        "pvalue": 0.84,
        "n": 12,
        "n_dates": 1,
        "rbar": 0.44,
        "n_eff": 2.04,
        "note": note,
    }
    return pd.DataFrame([row], index=pd.Index(["[0,0]"], name="window"))


def rows_of_tests(note: str) -> pd.DataFrame:
    shared = {"window": "[0,0]", "estimate": -0.008, "se": 0.04, "df": 11.0, "n": 12, "note": note}
    return pd.DataFrame(
        [
            {**shared, "test": "adj_bmp", "statistic": -0.21, "law": "t", "pvalue": 0.84},
            {**shared, "test": "csect_t", "statistic": -1.9, "law": "t", "pvalue": 0.08},
        ]
    ).assign(valid=[True, False])


def summary(text: str) -> Summary:
    """A summary with ``text`` wherever a user's text can get."""
    dropped = pd.DataFrame(
        {"ticker": [text], "date": ["2026-02-25"], "reason": ["unknown_ticker"], "detail": [text]},
        index=pd.Index([text], name="event_id"),
    )
    return Summary(
        facts=Facts(
            model=f"FactorModel(({text!r},))",
            estimation="[-250,-11]",
            window="[-10,+10]",
            kept=12,
            dropped=1,
            firms=12,
            dates=1,
            source=text,
            simulated=True,
        ),
        sentence=f"The CAAR of {text} was -0.80 %.",
        caar=caar(text),
        tests=rows_of_tests(text),
        dropped=dropped,
        others={text: caar(text)},
        notes=(text,),
        limit=text,
    )


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    found = look(summary(HOSTILE)._repr_html_(), tmp_path)
    assert (found.hacked, found.foreign) == (0, 0)
    assert found.text.count("onerror") >= 8
    assert "</td></table>" in found.text
    assert found.tables == 6


def test_the_measurement_notices_markup(tmp_path: Path) -> None:
    found = look(f"<p>{HOSTILE}</p><div style='width:500px'>wide</div>", tmp_path)
    assert found.hacked == 1
    assert found.foreign == 2
    assert found.wanted > found.shown


@pytest.mark.parametrize(
    "text",
    ["IREN", "a long note about one event and why it is not in this window " * 4, "X" * 120],
    ids=["short", "long", "unbroken"],
)
def test_nothing_scrolls_sideways_on_a_phone(text: str, tmp_path: Path) -> None:
    found = look(summary(text)._repr_html_(), tmp_path)
    assert found.shown <= PHONE
    assert found.wanted <= found.shown


@pytest.fixture(scope="module")
def simulated() -> str:
    """The HTML of a study of the simulated sample, one of whose tickers is hostile."""
    miners = list(es.universe.MINERS)
    news = es.events_on("2026-02-25", miners, session="after_close")
    study = es.EventStudy()
    panel = study.load(news, es.loaders.sample, market="SPY")
    news = es.events_on("2026-02-25", [*miners, HOSTILE], session="after_close")
    return study.run(news, panel).summary()._repr_html_()


def test_hostile_ticker_of_a_study_stays_text(simulated: str, tmp_path: Path) -> None:
    found = look(simulated, tmp_path)
    assert (found.hacked, found.foreign) == (0, 0)
    assert "<img src=x" in found.text
    assert "MarketModel" in found.text


def test_a_study_fits_on_a_phone(simulated: str, tmp_path: Path) -> None:
    found = look(simulated, tmp_path)
    assert found.wanted <= found.shown


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The HTML of what stands beside a summary, from events with hostile names and values."""
    sure = [t for t in es.universe.MINERS if t != "GLXY"][:4]
    evenings = ["2025-05-28", "2025-08-27", "2025-11-19", "2026-02-25"]
    parts = [es.events_on(day, sure, session="after_close") for day in evenings]
    news = pd.concat([*parts, es.events_on(evenings[-1], [HOSTILE], session="after_close")])
    news = news.assign(kind=[HOSTILE, "0"] * (len(news) // 2) + ["0"])
    study = es.EventStudy(window=(-3, 3))
    panel = study.load(news, es.loaders.sample, market="SPY")
    result = study.run(news, panel)
    shown: dict[str, Any] = {
        "calibration": study.calibrate(news, panel, draws=30),
        "preview": study.preview(news, panel.until(evenings[-1]), by="kind"),
        "curve": study.vary(model=[es.MarketModel(), es.MeanAdjusted()]).run(news, panel, draws=20),
        "explained": result.explain("kind", (0, 0), se="HC3"),
        "single": result.single(result.events.index[0]),
    }
    return {name: page._repr_html_() for name, page in shown.items()}


NAMES = ("calibration", "preview", "curve", "explained", "single")


@pytest.mark.parametrize("name", NAMES)
def test_other_pages_fit_a_notebook(name: str, pages: dict[str, str], tmp_path: Path) -> None:
    found = look(pages[name], tmp_path, NOTEBOOK)
    assert (found.hacked, found.foreign) == (0, 0)
    assert found.shown <= NOTEBOOK
    assert found.wanted <= found.shown
    assert found.tables >= 1
    if name in ("preview", "explained"):
        assert "onerror" in found.text


@pytest.mark.parametrize("name", ["calibration", "preview", "curve"])
def test_pages_scroll_inside_their_boxes_on_a_phone(
    name: str, pages: dict[str, str], tmp_path: Path
) -> None:
    found = look(pages[name], tmp_path)
    assert found.wanted <= found.shown
