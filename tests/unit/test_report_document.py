"""The page of a report: its structure, its policy, and text that stays text."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from report_pages import Page, sha256

from eventstudy.errors import OptionError
from eventstudy.report import Page as TextPage
from eventstudy.report.document import (
    Block,
    Chart,
    Code,
    Document,
    Download,
    Fold,
    Part,
    Points,
    Table,
    Terms,
    Text,
    part_of,
    picture,
    require,
    write,
)
from eventstudy.report.document.embedding import as_data, plotly_script
from eventstudy.report.document.grids import LONGEST, lean_table
from eventstudy.report.tables import Formats

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7 * 7 }}&amp;\u2028'\""
FIGURE: dict[str, Any] = {"data": [{"type": "scatter", "y": [1, None]}], "layout": {"height": 410}}


def chart(name: str = "path", **figure: Any) -> Chart:
    return Chart(name=name, figure={**FIGURE, **figure}, alt="A path that rises.", note="Sampled.")


def document(*blocks: Block, **other: Any) -> Document:
    parts = [Part(title="First", name="first", blocks=blocks)] if blocks else []
    return Document(**{"title": "Report", "lead": "They moved.", "parts": parts, **other})


def read(*blocks: Block, **other: Any) -> Page:
    return Page(write(document(*blocks, **other)))


# ── the policy ───────────────────────────────────────────────────────────────────────────
def test_only_the_two_scripts_of_the_page_may_run() -> None:
    page = read(chart())
    assert page.scripts[0] == plotly_script()
    assert page.hashes == [sha256(script) for script in page.scripts]
    assert len(page.scripts) == 2
    rest = re.sub(r"'sha256-[^']+'", "HASH", page.policy)
    assert rest == (
        "default-src 'none'; script-src HASH HASH; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def test_a_page_without_charts_has_no_plotly() -> None:
    page = read(Text(text="Nothing to draw."))
    assert page.hashes == [sha256(script) for script in page.scripts]
    assert len(page.source) < 30_000


def test_plotly_stands_in_the_page_once() -> None:
    page = read(chart("a"), chart("b"), chart("c"))
    assert page.source.count("plotly.js v") == 1
    assert len(page.all("figure")) == 3


def test_nothing_is_fetched() -> None:
    page = read(chart(), Table(frame=pd.DataFrame({"a": [1]}), title="A"), Code(text="1"))
    for tag in page.tags:
        assert not {"src", "srcset", "data", "action", "background"} & tag.attributes.keys()
        assert tag.name not in {"link", "iframe", "object", "embed", "base", "form"}
        if "href" in tag.attributes:
            assert tag.attributes["href"].startswith("#")
    outside = page.source.replace(plotly_script(), "")
    assert "http:" not in outside
    assert "https:" not in outside
    assert "@import" not in outside
    assert "url(" not in outside


# ── the structure ────────────────────────────────────────────────────────────────────────
def test_head_language_and_landmarks() -> None:
    page = read(Text(text="x"))
    assert page.source.startswith("<!DOCTYPE html>")
    assert page.all("html", lang="en")
    assert page.all("meta", charset="utf-8")
    (viewport,) = page.all("meta", name="viewport")
    assert viewport.attributes["content"] == "width=device-width, initial-scale=1"
    assert page.said("title", "h1", "h2") == ["Report", "Report", "First"]
    assert [len(page.all(name)) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    # the policy comes before anything that it should hold for
    names = [tag.name for tag in page.tags]
    assert names.index("meta") < names.index("style")
    assert page.source.index("Content-Security-Policy") < page.source.index("<style>")


def test_every_link_of_the_contents_and_the_skip_link_leads_somewhere() -> None:
    parts = [Part(title=name.title(), name=name, blocks=[]) for name in ("one", "two")]
    page = read(parts=parts)
    targets = {tag.attributes.get("id") for tag in page.tags}
    links = [tag.attributes["href"] for tag in page.all("a")]
    assert links == ["#content", "#one", "#two"]
    assert {link.removeprefix("#") for link in links} <= targets
    assert page.sections == ["one", "two"]


def test_a_warning_stands_above_the_heading() -> None:
    page = read(Text(text="x"), warning="SIMULATED PRICES.")
    assert page.source.index("SIMULATED") < page.source.index("<h1>")
    assert not read(Text(text="x")).all("p", **{"class": "warning"})


def test_a_table_has_caption_heads_scopes_and_a_box_that_scrolls() -> None:
    frame = pd.DataFrame({"ticker": ["IREN"], "car": [0.5]}, pd.Index(["a"], name="event_id"))
    page = read(Table(frame=frame, title="CARs", note="All of them."))
    (box,) = page.all("div", role="region")
    assert box.attributes["tabindex"] == "0"
    assert box.attributes["aria-label"] == "CARs"
    assert page.said("caption") == ["CARs"]
    heads = page.all("th", scope="col")
    assert [tag.text for tag in heads] == ["event_id", "ticker", "car"]
    assert [tag.text for tag in page.all("th", scope="row")] == ["a"]
    assert "style" not in {name for tag in page.all("td") for name in tag.attributes}
    assert "All of them." in page.said("p")


def test_a_folded_table_stands_behind_its_title() -> None:
    frame = pd.DataFrame({"x": np.arange(100)})
    page = read(Table(frame=frame, title="Long", folded=True))
    assert page.said("summary") == ["Long"]
    assert page.all("details", **{"class": "tall"})
    assert page.all("div", **{"class": "box tall"})


def test_a_chart_is_a_figure_with_words() -> None:
    page = read(chart())
    (plot,) = page.all("div", role="img")
    assert plot.attributes["aria-label"] == "A path that rises."
    assert plot.attributes["style"] == "height:410px"
    assert page.data("data-path") == FIGURE
    assert page.said("figcaption") == ["Sampled."]
    assert len(page.all("noscript")) == 1
    assert "switched off here. It shows: A path that rises." in page.source


def test_charts_of_the_same_name_have_ids_of_their_own() -> None:
    page = read(chart("path"), Fold(title="More", blocks=[chart("path"), chart("a b<")]))
    ids = [tag.attributes["id"] for tag in page.tags if "id" in tag.attributes]
    assert len(ids) == len(set(ids))
    assert {"chart-path", "chart-path-1", "chart-a-b-"} <= set(ids)


def test_groups_of_a_chart_get_buttons() -> None:
    groups: list[dict[str, Any]] = [
        {"name": name, "visible": [True], "layout": {}} for name in ("all", "A &amp; B")
    ]
    page = read(chart(layout={"meta": {"groups": groups}}))
    (bar,) = page.all("div", role="group")
    assert bar.attributes["data-chart"] == "path"
    buttons = [tag for tag in page.all("button") if "aria-pressed" in tag.attributes]
    assert [tag.text for tag in buttons] == ["all", "A & B"]
    assert [tag.attributes["aria-pressed"] for tag in buttons] == ["true", "false"]
    assert all(tag.attributes["type"] == "button" for tag in page.all("button"))
    assert not read(chart()).all("div", role="group")


def test_the_other_blocks() -> None:
    page = read(
        Text(text="A remark.", tone="quiet"),
        Terms(rows=[("Source", "a table")]),
        Points(title="Sources", texts=["One", "Two"]),
        Code(title="Python", text="a = 1\n  b = 2"),
        Download(name="events.csv", text="a,b\n1,2\n", note="All events."),
    )
    assert [tag.text for tag in page.all("p", **{"class": "quiet"})] == ["A remark."]
    assert page.said("dt", "dd", "h3") == ["Source", "a table", "Sources"]
    assert page.said("li")[1:] == ["One", "Two"]  # the first is the table of contents
    assert page.all("code")[0].text == "a = 1\n  b = 2"
    (save,) = [tag for tag in page.all("button") if "data-save" in tag.attributes]
    assert save.attributes["data-name"] == "events.csv"
    assert page.data(save.attributes["data-save"]) == "a,b\n1,2\n"


# ── text stays text ──────────────────────────────────────────────────────────────────────
def test_hostile_text_stays_text_wherever_it_stands() -> None:
    frame = pd.DataFrame({EVIL: [EVIL]}, index=pd.Index([EVIL], name=EVIL))
    hostile = Chart(name=EVIL, figure={"data": [{"name": EVIL}]}, alt=EVIL, note=EVIL)
    page = read(
        *(Text(text=EVIL), Terms(rows=[(EVIL, EVIL)]), Points(title=EVIL, texts=[EVIL])),
        *(Table(frame=frame, title=EVIL, note=EVIL), Table(frame=frame, title=EVIL, folded=True)),
        *(hostile, Code(title=EVIL, text=EVIL), Download(name=EVIL, text=EVIL, note=EVIL)),
        Fold(title=EVIL, blocks=[Text(text=EVIL)]),
        title=EVIL,
        lead=EVIL,
        warning=EVIL,
        facts=[(EVIL, EVIL)],
    )
    assert len(page.scripts) == 2
    assert page.hashes == [sha256(script) for script in page.scripts]
    assert not page.all("img")
    assert not [tag for tag in page.tags if "onerror" in tag.attributes]
    outside = page.source.replace(plotly_script(), "")
    assert "<img" not in outside
    assert "49" not in page.said("h1")[0]
    seen = EVIL.replace("\u2028", " ")
    assert page.said("title", "h1", "h2", "caption", "summary")[:2] == [seen, seen]
    assert page.said("figcaption")[0] == seen
    assert page.all("code")[0].text == EVIL
    (save,) = [tag for tag in page.all("button") if "data-save" in tag.attributes]
    assert page.data(save.attributes["data-save"]) == EVIL
    (plot,) = page.all("div", role="img")
    assert page.data(plot.attributes["id"].replace("chart-", "data-"))["data"][0]["name"] == EVIL


@pytest.mark.parametrize("text", ["</script>", "<!--<script>", "&lt;", "\u2028\u2029", "\ud800"])
def test_data_cannot_end_its_block(text: str) -> None:
    wrote = as_data({"name": text})
    assert not set("<>&\u2028\u2029") & set(wrote)
    assert json.loads(wrote) == {"name": text.replace("\ud800", "?")}


def test_data_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        as_data([float("nan")])


# ── tables ───────────────────────────────────────────────────────────────────────────────
def test_a_lean_table_counts_what_it_leaves_out() -> None:
    page = Page(lean_table(pd.DataFrame({"x": np.arange(9)}), title="Nine", rows=4))
    assert page.said("td") == ["0", "1", "2", "3", "… and 5 more rows"]
    assert Page(lean_table(pd.DataFrame({"x": []}), title="None")).said("td") == ["(no rows)"]
    assert Page(lean_table(pd.DataFrame(), title="None")).said("td") == ["(no rows)"]


def test_a_lean_table_cuts_very_long_cells() -> None:
    (cell,) = Page(lean_table(pd.DataFrame({"x": ["a" * 9_999]}), title="Long")).said("td")
    assert len(cell) == LONGEST
    assert cell.endswith("a…")


def test_a_table_of_5000_events_stays_light() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(0, 0.02, (5_000, 10)), columns=range(-5, 5))
    frame.index = pd.Index([f"T{k:04d}|2025-01-02|1" for k in range(5_000)], name="event_id")
    wrote = lean_table(frame, title="AR")
    assert wrote.count("<tr>") == 5_001
    assert len(wrote) < 1_300_000


# ── pages of text, pictures, packages ────────────────────────────────────────────────────
def test_a_page_of_text_becomes_a_part() -> None:
    few, many = (pd.DataFrame({"x": range(n)}) for n in (3, 99))
    tables: list[tuple[str, pd.DataFrame, Formats]] = [("Few", few, {}), ("Many", many, {})]
    facts = [("Rule", "long")]
    page = TextPage(title="Backtest", lead="It earned.", facts=facts, tables=tables, notes=["No."])
    part = part_of(page, name="backtest", pictures=[chart])
    kinds = [type(block).__name__ for block in part.blocks]
    assert (part.title, part.name) == ("Backtest", "backtest")
    assert kinds == ["Text", "Chart", "Terms", "Table", "Table", "Points"]
    folded = [block.folded for block in part.blocks if isinstance(block, Table)]
    assert folded == [False, True]


def test_what_cannot_be_drawn_is_said() -> None:
    def refuse() -> Chart:
        raise OptionError("nothing")

    found = picture(refuse)
    assert isinstance(found, Text)
    assert found.text == "There is no number to draw here."


@pytest.mark.parametrize("package", ["jinja2", "plotly"])
def test_a_package_that_is_absent_is_one_sentence(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = importlib.import_module

    def absent(name: str) -> Any:
        if name == package:
            raise ImportError(name)
        return present(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    for call in (require, lambda: write(document(chart()))):
        with pytest.raises(OptionError) as caught:
            call()
        assert str(caught.value) == (
            f"The report needs the package `{package}`; run pip install plotly jinja2."
        )
