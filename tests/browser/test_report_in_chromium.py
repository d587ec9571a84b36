"""The report of a study in a real browser: it draws, answers, fits, and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser.chromium import LAPTOP, PHONE, Page, chromium
from selenium.webdriver.common.keys import Keys

import eventstudy as es

pytestmark = pytest.mark.browser

#: what a ticker, an event, a headline or a group may be called
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>$x_1$ %{x}'
ENDING = "</script></table><script>alert(3)</script><!--"
CHARTS = ("path", "path-1", "bars", "curve", "equity", "trades", "heat", "cars", "timeline")
#: bytes of a report of many events
HEAVY = 8_000_000

#: texts whose contrast with what lies behind them is too low: (ratio, text)
CONTRAST = """
const parts = (c) => c.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
};
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = parts(getComputedStyle(e).backgroundColor);
    if ((c[3] ?? 1) > 0.99) return c;
  }
  return [255, 255, 255];
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode, e = node.parentElement, style = getComputedStyle(e);
  if (!node.textContent.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(e.tagName)) continue;
  if (!e.getClientRects().length || style.visibility === "hidden") continue;
  const ink = parts(e.closest("svg") ? style.fill : style.color), paper = behind(e);
  const alpha = (ink[3] ?? 1) * Number(style.opacity);
  const seen = [0, 1, 2].map((k) => alpha * ink[k] + (1 - alpha) * paper[k]);
  const [low, high] = [light(seen), light(paper)].sort((a, b) => a - b);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) found.push([ratio, node.textContent.trim().slice(0, 40)]);
}
return found;
"""
#: labels of charts that are cut off, or that lie on their neighbours
LABELS = """
const found = [];
const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
for (const plot of document.querySelectorAll(".plot")) {
  const room = plot.getBoundingClientRect();
  for (const text of plot.querySelectorAll(".main-svg text")) {
    const box = text.getBoundingClientRect();
    if (!box.width) continue;
    if (box.left < room.left - 1 || box.right > room.right + 1
        || box.top < room.top - 1 || box.bottom > room.bottom + 1) {
      found.push(["cut", plot.id, text.textContent]);
    }
  }
  for (const kind of ["xtick", "ytick", "y2tick", "y3tick", "legendtext", "annotation-text"]) {
    const texts = [...plot.querySelectorAll(`.${kind} text, text.${kind}`)];
    const boxes = texts.map((text) => text.getBoundingClientRect());
    boxes.forEach((box, k) => {
      for (let other = k + 1; other < boxes.length; other++) {
        if (cross(box, boxes[other])) {
          found.push([kind, plot.id, texts[k].textContent, texts[other].textContent]);
        }
      }
    });
  }
}
return found;
"""
#: where on the screen the point lies that a hover is asked for: [x, y] in the viewport
POINT = """
const [id, named, at] = arguments;
const plot = document.getElementById(id);
const trace = plot._fullData.find((one) => named ? one.name === named : one.hoverinfo !== "skip");
const layout = plot._fullLayout, room = plot.getBoundingClientRect();
const axis = (name) => layout[name.replace(/^(.)/, "$1axis")];
const x = axis(trace.xaxis), y = axis(trace.yaxis);
const value = (list) => trace.type === "bar" && list === trace.x ? list[at] / 2 : list[at];
const left = room.left + x._offset, top = room.top + y._offset;
return [left + x.d2p(value(trace.x)), top + y.d2p(value(trace.y))];
"""

#: where the cell of the first event on day 0 lies
CELL = """
const plot = document.getElementById(arguments[0]), room = plot.getBoundingClientRect();
const { xaxis, yaxis } = plot._fullLayout;
return [room.left + xaxis._offset + xaxis.l2p(0), room.top + yaxis._offset + yaxis.l2p(0)];
"""


# ── reports ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that a report can hold, with hostile names wherever a user may write."""
    miners = [name for name in es.universe.MINERS if name != "GLXY"][:6]
    prices = es.loaders.sample([*miners, "SPY"], "2024-01-02", "2026-04-30")
    prices = prices.rename(columns={miners[0]: HOSTILE, miners[1]: ENDING})
    names = [HOSTILE, ENDING, *miners[2:]]
    dates = ["2025-05-28", "2025-08-27", "2025-11-19", "2026-02-25"]
    events = pd.concat([es.events_on(day, names, session="after_close") for day in dates])
    events = events.assign(
        kind=[HOSTILE, "deal", ENDING] * 8, headline=HOSTILE, own_earnings=[True] + [False] * 23
    )
    lost = es.events_on(dates[-1], ["NOWHERE" + HOSTILE], session="after_close")
    events = pd.concat([events, lost])
    events.index = pd.Index([f"{k} {ENDING}" for k in range(len(events))], name="event_id")
    study = es.EventStudy()
    panel = es.Panel.from_prices(prices, market="SPY")
    result = study.run(events, panel)
    curve = study.vary(model=[es.MarketModel(), es.MeanAdjusted()], window=[(0, 0), (-1, 1)])
    rule = es.Rule(enter=0, leave=5, hedge=es.MarketModel())
    file = tmp_path_factory.mktemp("report") / "report.html"
    result.to_html(
        file, (0, 0), (-1, 1), by="kind", title=HOSTILE,
        curve=curve.run(events, panel, draws=0), backtest=rule.run(events, panel, study),
    )  # fmt: skip
    return file


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five thousand events of two hundred and fifty tickers."""
    rng = np.random.default_rng(11)
    days = pd.bdate_range("2020-01-01", periods=900)
    tickers = [f"T{k:03d}" for k in range(250)]
    returns = pd.DataFrame(rng.normal(0, 0.02, (900, 251)), days, [*tickers, "SPY"])
    at = np.concatenate([rng.choice(np.arange(270, 880), 20, replace=False) for _ in tickers])
    events = pd.DataFrame({"ticker": np.repeat(tickers, 20), "date": days[at]})
    events["kind"] = [f"kind {k % 15}" for k in range(len(events))]
    study = es.EventStudy()
    panel = es.Panel.from_returns(returns, market="SPY")
    result = study.run(events, panel)
    file = tmp_path_factory.mktemp("large") / "large.html"
    backtest = es.Rule(enter=0, leave=5).run(events, panel)
    result.to_html(file, (0, 0), (-1, 1), by="kind", backtest=backtest)
    return file


# ── it draws, and asks nobody ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_every_chart_is_drawn_without_a_message_or_a_request(
    width: int, page: Page, report: Path
) -> None:
    page.open(report, width)
    assert page.draw() == len(CHARTS)
    page.ask("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.messages() == []
    assert page.requests() == [report.as_uri()]
    names = [chart.get_attribute("id") for chart in page.all(".plot")]
    assert names == [f"chart-{name}" for name in CHARTS]


def test_a_page_that_asks_or_fails_is_noticed(page: Page, tmp_path: Path) -> None:
    """The two measurements above can fail."""
    bad = tmp_path / "bad.html"
    other = (tmp_path / "other.png").as_uri()
    bad.write_text(f"<!doctype html><title>x</title><img src='{other}'><script>nothing()</script>")
    page.open(bad)
    assert any("nothing is not defined" in text for text in page.messages())
    assert other in page.requests()


def test_hostile_text_stays_text(page: Page, report: Path) -> None:
    page.open(report)
    page.draw()
    page.ask("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.driver.title == " ".join(HOSTILE.split())
    foreign = "img[onerror], iframe, object, embed, form, link, base, .plot a"
    assert page.all(foreign) == []
    assert (
        page.ask("return [...document.scripts].filter(s => s.src || s.textContent.length < 99)")
        == []
    )
    legend = page.ask(
        "return [...document.querySelectorAll('#chart-path-1 .legendtext')].map(t => t.textContent)"
    )
    assert any(text.startswith("<img src=x onerro") for text in legend)
    shown = page.ask("return document.body.innerText")
    assert shown.count("<script>document.title=2</script>") >= 3
    assert "</script></table><script>alert(3)" in shown


# ── hover and click ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("chart", "trace", "at", "told"),
    [
        ("path", "CAAR", 10, ("day 0", "AAR ", "CAAR ", "95 % band ", "n = 24")),
        ("bars", "", 3, ("95 % interval ", "n = 4")),
        ("curve", "", 0, ("p = ", "95 % interval ", "model: ", "specification ")),
        ("cars", "the interval holds zero", 2, ("CAR ", "95 % ")),
        ("timeline", "shares its day 0", 0, ("window 20", "6 events on this day 0")),
        ("equity", "net of costs", 9, ("net of costs ", "2025-")),
        ("trades", "loss", 0, ("gross ", "hedge ", "cost ", "net -")),
    ],
)
def test_a_hover_says_the_numbers(
    chart: str, trace: str, at: int, told: tuple[str, ...], page: Page, report: Path
) -> None:
    if page.driver.current_url != report.as_uri():
        page.open(report)
        page.draw()
    label = page.hover(f"chart-{chart}", POINT, trace, at)
    for text in told:
        assert text in label


def test_a_cell_of_the_heat_map_says_event_day_and_number(page: Page, report: Path) -> None:
    page.open(report)
    page.draw()
    label = page.hover("chart-heat", CELL)
    assert "2025-05-29, day 0" in label
    assert label.endswith(" %")


def test_a_finger_scrolls_over_a_chart_and_a_tap_says_the_numbers(page: Page, report: Path) -> None:
    page.open(report, PHONE)
    page.draw()
    page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        page.show(page.one("#chart-path"))
        x, y = page.ask(POINT, "chart-path", "CAAR", 10)
        page.touch(x, y)
        label = "return document.querySelector('#chart-path .hoverlayer').textContent"
        page.until(lambda: "CAAR +" in page.ask(label), "a label after a tap")
        before = page.ask("return scrollY")
        page.touch(x, y, up=200)
        page.wait(f"return scrollY > {before} + 100")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_buttons_isolate_a_group(page: Page, report: Path) -> None:
    page.open(report)
    page.draw()
    buttons = page.all(".groups[data-chart='path-1'] button")
    assert buttons[0].text == "All groups"
    visible = "return document.getElementById('chart-path-1').data.map(t => t.visible)"
    pressed = "return [...document.querySelectorAll('.groups button')].map(b => b.ariaPressed)"
    axis = "return document.getElementById('chart-path-1')._fullLayout.yaxis.range"
    assert page.ask(visible) == [True] * 6
    every = page.ask(axis)
    page.show(buttons[2])
    buttons[2].click()
    assert page.ask(visible) == [False, False, True, True, False, False]
    assert page.ask(pressed) == ["false", "false", "true", "false"]
    assert page.ask(axis) != every
    buttons[0].send_keys(Keys.SPACE)
    assert page.ask(visible) == [True] * 6
    assert page.ask(axis) == every
    assert page.messages() == []


def test_folds_open_by_click_and_by_keyboard(page: Page, report: Path) -> None:
    page.open(report)
    fold = page.one("details")
    summary = fold.find_element("css selector", "summary")
    page.show(summary)
    assert fold.get_attribute("open") is None
    summary.click()
    assert fold.get_attribute("open") is not None
    summary.send_keys(Keys.ENTER)
    assert fold.get_attribute("open") is None
    summary.send_keys(Keys.SPACE)
    assert fold.get_attribute("open") is not None


def test_a_picture_is_saved_under_the_policy(page: Page, report: Path, tmp_path: Path) -> None:
    saving = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", saving)
    page.open(report)
    page.draw()
    button = page.one(".save[data-chart='path']")
    page.show(button)
    button.click()
    file = tmp_path / "path.png"
    page.until(lambda: file.exists() and file.stat().st_size, "a saved picture")
    assert file.read_bytes().startswith(b"\x89PNG")
    assert page.messages() == []


@pytest.mark.parametrize("read", [False, True], ids=["at once", "after reading"])
def test_the_page_prints(read: bool, page: Page, report: Path) -> None:
    page.open(report)
    page.ask("addEventListener('afterprint', () => { window.printed = true; })")
    if read:
        page.draw()
    assert page.print().startswith(b"%PDF")
    page.wait("return window.printed === true")
    page.draw()
    page.wait(
        "return [...document.querySelectorAll('.plot .main-svg')].every(s => s.clientWidth > 700)"
    )
    assert page.messages() == []


# ── it fits, and everybody can read it ───────────────────────────────────────────────────
@pytest.mark.parametrize("width", [LAPTOP, 768, PHONE])
def test_nothing_scrolls_sideways_and_no_label_is_cut(width: int, page: Page, report: Path) -> None:
    page.open(report, width)
    page.draw()
    page.ask("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    wanted, shown = page.ask(
        "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]"
    )
    assert shown <= width
    assert wanted <= shown
    assert page.ask(LABELS) == []


def test_a_page_that_was_turned_is_drawn_anew(page: Page, report: Path) -> None:
    page.open(report)
    page.draw()
    high = "return [...document.querySelectorAll('.plot')].map(chart => chart.clientHeight)"
    before = page.ask(high)
    page.resize(PHONE)
    page.wait(
        "return [...document.querySelectorAll('.plot .main-svg')].every(s => s.clientWidth < 400)"
    )
    assert page.ask(high) == before
    assert page.ask(LABELS) == []
    page.wait("const root = document.documentElement; return root.scrollWidth <= root.clientWidth")


def test_what_scrolls_can_be_reached_by_keyboard(page: Page, report: Path) -> None:
    page.open(report, PHONE)
    page.ask("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    unreachable = page.ask(
        "return [...document.querySelectorAll('body *')].filter(e => {"
        " const flow = getComputedStyle(e);"
        " const scrolls = (/auto|scroll/.test(flow.overflowX) && e.scrollWidth > e.clientWidth)"
        "  || (/auto|scroll/.test(flow.overflowY) && e.scrollHeight > e.clientHeight);"
        " return scrolls && e.clientWidth && (e.tabIndex < 0 || !e.getAttribute('aria-label'));"
        "}).map(e => e.outerHTML.slice(0, 99))"
    )
    assert unreachable == []
    assert page.ask("return document.querySelectorAll('.box[tabindex=\"0\"]').length") > 5


def test_headings_tables_and_pictures_have_their_names(page: Page, report: Path) -> None:
    page.open(report)
    page.draw()
    levels = [int(head.tag_name[1]) for head in page.all("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.ask(
        "return [...document.querySelectorAll('table')].filter(t => !t.caption"
        " || !t.caption.textContent.trim() || !t.querySelector('thead th[scope=col]')).length"
    ) == 0  # fmt: skip
    assert page.all("th:not([scope])") == []
    charts = page.all(".plot")
    assert all(chart.get_attribute("role") == "img" for chart in charts)
    alts = [chart.get_attribute("aria-label") or "" for chart in charts]
    assert all(any(c.isdigit() for c in alt) for alt in alts)
    assert all(alt.endswith(".") for alt in alts)
    assert page.one("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_text_stands_out_from_what_lies_behind_it(width: int, page: Page, report: Path) -> None:
    page.open(report, width)
    page.draw()
    page.ask("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.ask(CONTRAST) == []


def test_pale_text_and_lost_labels_are_noticed(page: Page, tmp_path: Path) -> None:
    """The two measurements above can fail."""
    bad = tmp_path / "pale.html"
    bad.write_text(
        "<!doctype html><title>x</title><p style='color:#999'>pale</p><p>dark</p>"
        "<div class='plot' id='p' style='width:90px'><svg class='main-svg' width='300' height='30'>"
        "<g class='xtick'><text x='60' y='20'>outside</text></g>"
        "<g class='xtick'><text x='50' y='20'>on it</text></g></svg></div>"
    )
    page.open(bad)
    assert [text for _, text in page.ask(CONTRAST)] == ["pale"]
    kinds = [one[0] for one in page.ask(LABELS)]
    assert kinds.count("cut") >= 1
    assert kinds.count("xtick") == 1


# ── many events ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_five_thousand_events_load_and_scroll(width: int, page: Page, large: Path) -> None:
    assert large.stat().st_size <= HEAVY
    page.open(large, width)
    assert page.draw() == 8
    assert page.messages() == []
    assert page.requests() == [large.as_uri()]
    assert page.ask(LABELS) == []
    marks = page.ask("return document.querySelectorAll('.plot path').length")
    assert marks < 15_000
    text = page.ask("return document.body.innerText")
    assert "400 of 5,000 events are drawn" in text
    assert "2,000 of 5,000 trades are drawn" in text
