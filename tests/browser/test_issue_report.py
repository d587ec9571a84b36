"""The report as someone opens it: order, hover, click, paper, phone; hostile text does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser.chromium import LAPTOP, PHONE, Page, chromium

import eventstudy as es

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'
NAMES = [
    "AAA",
    "BBB",
    HOSTILE,
    '=HYPERLINK("http://x.y")',
    "</script><script>window.hacked=1",
    "$x_1$",
]
DAYS = pd.bdate_range("2022-01-03", periods=420)
STUDY = es.EventStudy(estimation=(-200, -11), window=(-3, 3))
#: where on the screen a marker of a trace lies
POINT = """
const plot = document.getElementById(arguments[0]);
const at = plot.querySelectorAll(arguments[1])[arguments[2]].getBoundingClientRect();
return [at.x + at.width / 2, at.y + at.height / 2];
"""


def news() -> pd.DataFrame:
    """Three of six firms on each of six dates."""
    table = {
        "ticker": [NAMES[k % 6] for k in range(18)],
        "date": [DAYS[260 + k // 3 * 9] for k in range(18)],
        "session": "before_open",
        "headline": HOSTILE,
        "kind": ["deal", HOSTILE] * 9,
    }
    return pd.DataFrame(table)


def result() -> es.Result:
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, (len(DAYS), 1))
    own = market + rng.normal(0, 0.02, (len(DAYS), 6))
    table = pd.DataFrame(np.hstack([own, market]), DAYS, [*NAMES, "MKT"])
    return STUDY.run(news(), es.Panel.from_returns(table, market="MKT"))


@pytest.fixture(scope="module")
def answer() -> es.Result:
    return result()


@pytest.fixture(scope="module")
def file(answer: es.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    panel = answer.panel
    curve = STUDY.vary(model=[es.MarketModel(), es.MeanAdjusted()]).run(news(), panel, draws=0)
    trades = es.Rule(enter=0, leave=3).run(news(), panel)
    target = tmp_path_factory.mktemp("report") / "report é <1>.html"
    return answer.to_html(
        target, (0, 0), (-1, 1), by="kind", curve=curve, backtest=trades, title=HOSTILE
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("browser")) as driven:
        yield driven


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_it_draws_without_error_request_or_harm(page: Page, file: Path, width: int) -> None:
    page.open(file, width)
    assert page.draw() >= 9
    assert page.messages() == []
    assert page.requests() == [file.as_uri()]
    assert page.ask("return window.hacked === undefined")
    assert page.all("img, iframe, object, link") == []
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.ask(wide) == 0


def test_no_script_of_a_stranger_would_run(page: Page, file: Path) -> None:
    page.open(file)
    ran = """
    const made = document.createElement("script");
    made.textContent = "window.hacked = 1";
    document.body.append(made);
    document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.hacked = 1'>");
    let evaluated = true;
    try { window.eval("1") } catch { evaluated = false }
    return [window.hacked === undefined, evaluated];
    """
    assert page.ask(ran)[0]
    page.ask("return await new Promise(done => setTimeout(done, 200))")
    assert page.ask("return window.hacked === undefined")


def test_to_hover_over_the_path_tells_day_aar_caar_and_n(
    page: Page, file: Path, answer: es.Result
) -> None:
    page.open(file)
    page.draw()
    told = page.hover("chart-path", POINT, ".points path", 3)
    for word in ("day 0", "AAR", "CAAR", "n = "):
        assert word in told


def test_a_group_can_be_isolated(page: Page, file: Path) -> None:
    page.open(file)
    page.draw()
    buttons = page.all("#path .groups button")
    assert HOSTILE[:8] in " ".join(button.text for button in buttons)
    shown = (
        "return document.querySelectorAll('#path figure:has(.groups) .scatterlayer .trace').length"
    )
    before = page.ask(shown)
    one = next(button for button in buttons if button.text == "deal")
    page.show(one).click()
    page.until(lambda: page.ask(shown) < before, "fewer lines")
    assert one.get_attribute("aria-pressed") == "true"


def test_folded_tests_open_with_the_keyboard(page: Page, file: Path) -> None:
    page.open(file)
    fold = next(f for f in page.all("#tests details") if "Not valid" in f.text)
    assert fold.get_attribute("open") is None
    summary = fold.find_element("css selector", "summary")
    page.ask("arguments[0].focus()", page.show(summary))
    summary.send_keys("\ue007")
    page.until(lambda: fold.get_attribute("open") is not None, "an open fold")
    assert "events share dates" in fold.text


def test_it_prints_with_all_of_its_pictures(page: Page, file: Path) -> None:
    page.open(file)
    paper = page.print()
    assert paper.startswith(b"%PDF")
    assert len(paper) > 50_000
    drawn = (
        "return [...document.querySelectorAll('.plot')].filter(p => !p.querySelector('svg')).length"
    )
    page.until(lambda: page.ask(drawn) == 0, "every picture, also of those never seen")


def test_events_can_be_saved_from_it(page: Page, file: Path) -> None:
    page.open(file)
    page.show(page.one("[data-save]")).click()
    assert page.requests() == [file.as_uri()]
    assert page.messages() == []
