"""Tables in other programs: LaTeX, Markdown, Excel, CSV. Nothing runs, nothing is lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import sys
import tempfile
import unicodedata
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

import eventstudy as es
from eventstudy.errors import OptionError
from eventstudy.report.exports import (
    Sheet,
    csv_text,
    latex_table,
    markdown_table,
    sheet_name,
    write_workbook,
)
from eventstudy.report.exports.comma import FORMULA, guarded
from eventstudy.report.exports.escaping import SIGNS, latex_number, latex_prose, latex_text
from eventstudy.report.exports.latex import as_label
from eventstudy.report.exports.markdown import markdown_line, markdown_text
from eventstudy.report.exports.plain_values import LONGEST, plain_value, printable
from eventstudy.report.lines import clean

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '=HYPERLINK("http://x.y","z")',
    "+1+1",
    "-X",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "$x_1$ & 5 % #1 ~ ^ \\input{/etc/passwd} {a}",
    "a|b||c",
    "**bold** _it_ `code` [a](http://b) ![i](j) ~~s~~",
    "r̄ ≤ σ√2 − Pynnönen 矿 🚀",
    "^GSPC",
    "http://example.org",
    "\\\\[2em] * --- ,, ''",
    "nul\x00 bell\x07 esc\x1b[31m",
]
DAYS = pd.bdate_range("2024-01-01", periods=320)


def result_of(tickers: list[str], *, model: Any = None, **options: Any) -> es.Result:
    """A study of seeded returns on two dates."""
    rng = np.random.default_rng(7)
    names = [*tickers, "SPY"]
    values = rng.normal(0, 0.02, (len(DAYS), len(names)))
    panel = es.Panel.from_returns(pd.DataFrame(values, DAYS, names), market="SPY")
    dates = [DAYS[280], DAYS[300]]
    rows = [(ticker, date) for date in dates for ticker in tickers]
    events = pd.DataFrame(rows, columns=["ticker", "date"])
    events["headline"] = [HOSTILE[at % len(HOSTILE)] for at in range(len(events))]
    study = es.EventStudy(model=model or es.MarketModel(), window=(-5, 5))
    return study.run(events, panel, **options)


@pytest.fixture(scope="module")
def result() -> es.Result:
    return result_of(["IREN", "=CIFR", "-X", "a|b", "$W_1$"])


# ── LaTeX ────────────────────────────────────────────────────────────────────────────────
BACK = {wrote: sign for sign, wrote in SIGNS.items() if sign != "’"}


def parse_latex(text: str) -> str:
    """Read escaped text again, as LaTeX would print it; what it would not print raises."""
    pieces = sorted(BACK, key=len, reverse=True)
    accents = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304"}
    accents |= {"u": "\u0306", ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b"}
    accents |= {"v": "\u030c", "c": "\u0327"}
    maths = {"grave": "`", "acute": "'", "hat": "^", "tilde": "~", "bar": "=", "breve": "u"}
    maths |= {"dot": ".", "ddot": '"', "check": "v"}
    said, at = "", 0
    while at < len(text):
        rest = text[at:]
        point = re.match(r"\\texttt\{U\+([0-9A-F]{4,6})\}", rest)
        accent = re.match(r"""\\([`'^~=.".]|[urHvc](?=\{))\{""", rest)
        over = re.match(r"\$\\(\w+)\{([^$]+)\}\$", rest)
        if point:
            said, at = said + chr(int(point[1], 16)), at + point.end()
        elif rest.startswith(r"\`{}"):
            said, at = said + "`", at + 4
        elif over and over[1] in maths:
            said, at = said + parse_latex(f"${over[2]}$") + accents[maths[over[1]]], at + over.end()
        elif accent:
            end = at + closing(rest)
            said, at = (
                said + parse_latex(text[at + accent.end() : end]) + accents[accent[1]],
                end + 1,
            )
        elif piece := next((p for p in pieces if rest.startswith(p)), None):
            said, at = said + BACK[piece], at + len(piece)
        elif rest.startswith("{}"):
            at += 2
        else:
            assert text[at] not in '#$%&_{}~^\\<>|[]*"`', f"raw {text[at]!r} in {text!r}"
            said, at = said + text[at], at + 1
    return said


def closing(text: str) -> int:
    """Where the first brace of ``text`` closes."""
    depth = 0
    for at, c in enumerate(text):
        before = text[at - 1] if at else ""
        if c in "{}" and before != "\\":
            depth += 1 if c == "{" else -1
            if depth == 0:
                return at
    raise AssertionError(text)


def same(one: str, two: str) -> bool:
    """Equal as read: an apostrophe is one sign on paper."""
    said, needed = (unicodedata.normalize("NFC", text).replace("’", "'") for text in (one, two))
    return said == needed


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_prints_the_text_as_it_is(text: str) -> None:
    wrote = latex_text(text)
    assert wrote.isascii()
    assert same(parse_latex(wrote), clean(text))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_latex_text_is_ascii_balanced_and_says_the_same(text: str) -> None:
    wrote = latex_text(text)
    assert wrote.isascii()
    bare = re.sub(r"\\[{}]", "", wrote)
    assert bare.count("{") == bare.count("}")
    assert re.sub(r"\\\$", "", wrote).count("$") % 2 == 0
    assert same(parse_latex(wrote), clean(text))


@given(st.text(alphabet="#$%&~_^\\{}[]*<>|\"'`-,?!ab −σ", max_size=20))
def test_latex_specials_in_any_order(text: str) -> None:
    assert same(parse_latex(latex_text(text)), clean(text))


def test_letters_that_touch_do_not_become_a_dash_or_a_quote() -> None:
    assert latex_text("a--b") == "a-{}-b"
    assert latex_text("?`") == r"?{}\`{}"
    assert latex_text("''") == "'{}'"


def test_accents_signs_and_unknown_letters() -> None:
    assert latex_text("Kolesár, Wüthrich, Białkowski") == (
        r"Koles\'{a}r, W\"{u}thrich, Bia\l{}kowski"
    )
    assert latex_text("Σ̂ − √T × σ²") == r"$\hat{\Sigma}$ $-$ $\surd$T $\times$ $\sigma$$^{2}$"
    assert latex_text("ą矿") == r"\texttt{U+0105}\texttt{U+77FF}"


def test_numbers_have_a_true_minus_and_keep_their_unit() -> None:
    assert latex_number("-0.80 %") == r"$-$0.80\,\%"
    assert latex_number("-8.90 to -7.30 %") == r"$-$8.90 to $-$7.30\,\%"
    assert latex_number("+0.72 %***") == r"+0.72\,\%$^{***}$"
    assert latex_number("-$2.98") == r"$-$\$2.98"
    assert latex_prose("BTC-USD on 2026-02-25 by -1") == "BTC-USD on 2026-02-25 by $-$1"


def structure(latex: str) -> list[int]:
    """Check the frame of every table; the number of cells of each row, by the row."""
    for kind in ("table", "tabular", "minipage"):
        assert latex.count(rf"\begin{{{kind}}}") == latex.count(rf"\end{{{kind}}}")
    bare = re.sub(r"\\[{}]", "", latex)
    assert bare.count("{") == bare.count("}")
    cells = []
    for body in re.findall(r"\\begin\{tabular\}(.*?)\\end\{tabular\}", latex, re.DOTALL):
        head, *lines = body.strip().splitlines()
        spec = head.strip("{}")
        assert set(spec) <= {"l", "r"}
        assert [line.strip() for line in lines].count(r"\toprule") == 1
        for line in lines:
            if (
                line.strip().startswith((r"\toprule", r"\midrule", r"\bottomrule"))
                or not line.strip()
            ):
                continue
            assert line.endswith(r" \\")
            if r"\multicolumn" in line:
                continue
            count = len(re.findall(r"(?<!\\)&", line)) + 1
            assert count == len(spec), line
            # a row that begins with "[" or "*" would be an option of the end of the row before
            assert not line.strip().startswith(("[", "*"))
            cells.append(count)
    return cells


def test_a_latex_table_of_hostile_text_keeps_its_shape() -> None:
    frame = pd.DataFrame({"note & co": HOSTILE, "_x": 1.5}, index=pd.Index(HOSTILE, name="#1"))
    latex = latex_table(frame, caption=HOSTILE[8], label="tab:a & b_1", notes=HOSTILE)
    assert latex.isascii()
    assert structure(latex) == [3] * (len(HOSTILE) + 1)
    assert r"\label{tab:a-b-1}" in latex
    assert "\\input" not in latex.replace(r"\textbackslash{}input", "")
    assert latex.startswith("% needs \\usepackage{booktabs}\n\\begin{table}[htbp]")


def test_latex_long_notes_go_below_and_rows_are_counted() -> None:
    frame = pd.DataFrame({"p": [0.01] * 5, "note": ["a note that is rather long"] * 5})
    latex = latex_table(frame, rows=2)
    assert r"\multicolumn{2}{l}{\ldots{} and 3 more rows} \\" in latex
    assert latex.count("a note that is rather long") == 1
    assert r"\emph{Notes:} {[}1{]} a note" in latex
    assert "minipage" not in latex_table(pd.DataFrame({"p": [0.01]}))
    structure(latex_table(pd.DataFrame()))
    assert as_label("§§") == ""


def test_numbers_of_a_latex_table_are_those_of_the_terminal() -> None:
    frame = pd.DataFrame(
        {"estimate": [-0.008, 0.1], "pvalue": [0.00004, 0.5], "ticker": ["-1X", "B"]},
        index=pd.Index(["[-1,+1]", "[0,0]"], name="window"),
    )
    rows = latex_table(frame).splitlines()
    assert r"    {[}$-$1,+1{]} & $-$0.80\,\% & $<$0.001 & -1X \\" in rows
    assert r"  \begin{tabular}{lrrl}" in rows


# ── Markdown ─────────────────────────────────────────────────────────────────────────────
def cells_of(line: str) -> list[str]:
    """Cells of a row as GitHub splits and prints them."""
    parts = re.split(r"(?<!\\)\|", line.replace("\\\\", "\0"))
    texts = [part.strip() for part in parts[1:-1]]
    unescaped = [re.sub(r"\\(.)", r"\1", text).replace("\0", "\\") for text in texts]
    entities = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
    for wrote, c in entities:
        unescaped = [text.replace(wrote, c) for text in unescaped]
    return unescaped


@pytest.mark.parametrize("text", HOSTILE)
def test_a_markdown_row_keeps_its_cells(text: str) -> None:
    table = markdown_table(pd.DataFrame({"a": [text], "b": [1]}))
    assert cells_of(table.splitlines()[2]) == [clean(text), "1"]
    assert "<" not in table
    assert ">" not in table


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_markdown_rows_survive_any_text(text: str) -> None:
    table = markdown_table(pd.DataFrame({"a": [f"x{text}x"], "b": [1]}))
    assert len(table.splitlines()) == 3
    assert cells_of(table.splitlines()[2]) == [clean(f"x{text}x"), "1"]


@given(st.text(alphabet="\\|*_`~$[]()<>&#+-=1.a ", max_size=20))
def test_markdown_marks_in_any_order(text: str) -> None:
    line = markdown_table(pd.DataFrame({"a": [f"x{text}x"]})).splitlines()[2]
    assert cells_of(line) == [clean(f"x{text}x")]
    assert not re.search(r"(?<!\\)\]\(", markdown_text(text))


def test_markdown_alignment_title_and_rows() -> None:
    frame = pd.DataFrame({"ticker": ["A", "B"], "estimate": [0.1, -0.2]})
    assert markdown_table(frame, title="a|b", rows=1).splitlines() == [
        r"**a\|b**",
        "",
        "| ticker | estimate |",
        "| :--- | ---: |",
        "| A | +10.00 % |",
        "",
        "… and 1 more row",
    ]
    assert "(no rows)" in markdown_table(frame.head(0))


@pytest.mark.parametrize(
    ("text", "wrote"),
    [
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("> a", "&gt; a"),
        ("[a]: b", r"\[a]: b"),
        ("a_b", "a_b"),
        ("_a_", r"\_a\_"),
        ("=", r"\="),
    ],
)
def test_a_markdown_line_stays_a_line(text: str, wrote: str) -> None:
    assert markdown_line(text) == wrote


# ── CSV ──────────────────────────────────────────────────────────────────────────────────
def test_csv_text_gets_an_apostrophe_and_numbers_do_not() -> None:
    frame = pd.DataFrame(
        {"=head": HOSTILE, "x": -0.5, "y": pd.array([-1] * len(HOSTILE), dtype="Int64")},
        index=pd.Index(HOSTILE, name="@id"),
    )
    rows = list(csv.reader(io.StringIO(csv_text(frame), newline="")))
    assert rows[0] == ["'@id", "'=head", "x", "y"]
    for text, row in zip(HOSTILE, rows[1:], strict=True):
        safe = f"'{text}" if text.startswith(FORMULA) else text
        safe = safe.replace("\r=", "\r'=")
        assert row == [safe, safe, "-0.5", "-1"]
    raw = list(csv.reader(io.StringIO(csv_text(frame, formula_safe=False), newline="")))
    assert [row[1] for row in raw[1:]] == HOSTILE


@given(st.text(max_size=10))
def test_no_cell_of_a_csv_file_begins_a_formula(text: str) -> None:
    assert not str(guarded(text)).startswith(FORMULA)
    assert str(guarded(text)).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("down 5 %;=cmd|' /C calc'!A0", "down 5 %;'=cmd|' /C calc'!A0"),
        ("first\n=1\r\n@SUM(1)", "first\n'=1\r\n'@SUM(1)"),
        ("a; -5 %; b", "a; -5 %; b"),
        ("x;＝1", "x;'＝1"),
    ],
)
def test_a_spreadsheet_that_parts_cells_at_semicolons_runs_nothing(text: str, safe: str) -> None:
    assert guarded(text) == safe
    rows = csv_text(pd.DataFrame({"ticker": ["A"], "headline": [text]})).split("\n", 1)[1]
    cells = [cell for line in rows.split("\n") for cell in line.rstrip("\r").split(";")]
    assert not any(cell.startswith(FORMULA) for cell in cells)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=8), min_size=1))
def test_raw_csv_gives_every_text_back(texts: list[str]) -> None:
    frame = pd.DataFrame({"a": pd.Series(texts, dtype=object), "b": range(len(texts))})
    rows = csv.reader(io.StringIO(csv_text(frame, formula_safe=False), newline=""))
    assert [row[0] for row in rows][1:] == texts


def test_csv_numbers_are_exact_and_odd_columns_are_kept() -> None:
    values = [0.1 + 0.2, -1e-300, math.pi]
    frame = pd.DataFrame(
        {
            "x": values,
            "tags": [["=a"], {"b": 1}, ("-c",)],
            "kind": pd.Categorical(["-x", "y", "-x"]),
            "at": pd.to_datetime(["2026-02-25"] * 3).tz_localize("America/New_York"),
            0: [True, False, True],
        }
    )
    back = pd.read_csv(io.StringIO(csv_text(frame)))
    assert back["x"].tolist() == values
    assert back["kind"].tolist() == ["'-x", "y", "'-x"]
    assert back["tags"].tolist() == ["['=a']", "{'b': 1}", "('-c',)"]
    assert back["0"].tolist() == [True, False, True]
    assert back["at"].iloc[0] == "2026-02-25 00:00:00-05:00"
    assert csv_text(pd.DataFrame(index=pd.Index([], name="a"))) == "a\n"
    named = pd.DataFrame(
        {"a": [1]}, index=pd.MultiIndex.from_tuples([("-g", "w")], names=["g", None])
    )
    assert csv_text(named) == "g,,a\n'-g,w,1\n"


# ── Excel ────────────────────────────────────────────────────────────────────────────────
def read(path: Path, sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def close(one: object, two: object) -> bool:
    """Equal; numbers to the 16 digits that the file holds."""
    if isinstance(one, float) or isinstance(two, float):
        return math.isclose(float(one), float(two), rel_tol=1e-15)  # type: ignore[arg-type]  # numbers
    return one == two


def test_text_stays_text_in_cells_headers_and_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({text: [text] * 2 for text in HOSTILE}, index=["=1+1", "@a"])
    file = write_workbook(tmp_path / "a.xlsx", [Sheet(name="x", frame=frame)])
    sheet = openpyxl.load_workbook(file)["x"]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}  # "f" is a formula; the empty corner is "n"
    assert sheet["A2"].value == "=1+1"
    assert sheet["B2"].data_type == "s"
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    assert [cell.value for cell in sheet[1]][1:] == [printable(text) for text in HOSTILE]
    assert sheet.freeze_panes == "B2"


def test_odd_values_are_written_and_none_is_lost(tmp_path: Path) -> None:
    zone = pd.Timestamp("2026-02-25 16:05", tz="America/New_York")
    values: list[tuple[object, object]] = [
        (None, None),
        (float("nan"), None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.datetime64("NaT"), None),
        (float("inf"), "inf"),
        (-np.inf, "-inf"),
        (True, True),
        (np.bool_(False), False),
        (np.int64(-3), -3),
        (2**60, str(2**60)),
        (np.float32(0.5), 0.5),
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (Fraction(10) ** 400, str(Fraction(10) ** 400)),
        (1 + 2j, "(1+2j)"),
        (pd.Timestamp("2026-02-25"), dt.datetime(2026, 2, 25)),  # noqa: DTZ001  (Excel has no zones)
        (pd.Timestamp("2026-02-25 16:05"), dt.datetime(2026, 2, 25, 16, 5)),  # noqa: DTZ001  (as above)
        (dt.date(2026, 2, 25), dt.datetime(2026, 2, 25)),  # noqa: DTZ001  (as above)
        (np.datetime64("2026-02-25"), dt.datetime(2026, 2, 25)),  # noqa: DTZ001  (as above)
        (zone, "2026-02-25T16:05:00-05:00"),
        (pd.Timestamp("1899-01-01"), "1899-01-01T00:00:00"),
        (pd.Timestamp("2026-02-25 16:05:00.000001"), "2026-02-25T16:05:00.000001"),
        (np.datetime64("20000-01-01"), "20000-01-01T00:00:00"),
        (pd.Timedelta(days=1), "1 days 00:00:00"),
        (np.timedelta64(1, "D"), "1 days"),
        (pd.Period("2026-02"), "2026-02"),
        (["=a", 1], "['=a', 1]"),
        ({"k": {"v": None}}, "{'k': {'v': None}}"),
        (b"x", "b'x'"),
        ("a\x00b\x1fc\x7f\ufffe", "a␀b␟c␡\ufffd"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("\ud800", "\ufffd"),
    ]
    column = pd.Series([value for value, _ in values], dtype=object)
    file = write_workbook(tmp_path / "a.xlsx", [Sheet(name="x", frame=pd.DataFrame({"v": column}))])
    found = [row[0] for row in read(file, "x")][1:]
    found += [None] * (len(values) - len(found))
    for (value, needed), got in zip(values, found, strict=True):
        assert plain_value(value) == needed
        assert got == needed, value


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(), max_size=8), min_size=1))
def test_any_text_is_read_back_from_excel(texts: list[str]) -> None:
    frame = pd.DataFrame({"a": pd.Series(texts, dtype=object)})
    with tempfile.TemporaryDirectory() as folder:
        file = write_workbook(Path(folder) / "a.xlsx", [Sheet(name="x", frame=frame)])
        sheet = openpyxl.load_workbook(file)["x"]
        found = [sheet.cell(at, 1) for at in range(2, len(texts) + 2)]
    for cell, text in zip(found, texts, strict=True):
        assert cell.data_type == "s"
        assert unescape(str(cell.value or "")) == printable(text)


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    assert printable("x" * LONGEST) == "x" * LONGEST
    cut = printable("x" * (LONGEST + 1))
    assert len(cut) == LONGEST
    assert cut.endswith("… (cut: a cell holds 32,767 characters)")


def test_columns_of_every_kind_read_back(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "cat": pd.Categorical(["a", None, "=b"]),
            "whole": pd.array([1, None, -2], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "text": pd.array(["=x", None, "z"], dtype="string"),
            "zone": pd.to_datetime(["2026-01-01", "NaT", "2026-01-02"]).tz_localize("UTC"),
            "day": pd.to_datetime(["2026-01-01", "NaT", "2026-01-02"]),
        },
        index=pd.CategoricalIndex(["u", "v", "v"], name="id"),
    )
    frame.insert(0, "cat", frame["whole"], allow_duplicates=True)
    file = write_workbook(tmp_path / "a.xlsx", [Sheet(name="x", frame=frame)])
    first = dt.datetime(2026, 1, 1)  # noqa: DTZ001  (Excel has no zones)
    assert read(file, "x")[:3] == [
        ["id", "cat", "cat", "whole", "flag", "text", "zone", "day"],
        ["u", 1, "a", 1, True, "=x", "2026-01-01T00:00:00+00:00", first],
        ["v", None, None, None, None, None, None, None],
    ]


def test_rows_beyond_a_sheet_go_on_in_the_next(tmp_path: Path) -> None:
    frame = pd.DataFrame({"law": "t", "test": ["sq", "bmp"] * 4, "statistic": 0.5})
    file = write_workbook(tmp_path / "a.xlsx", [Sheet(name="ar", frame=frame)], most=3)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["ar", "ar (2)", "ar (3)"]
    assert [book[name].max_row for name in book.sheetnames] == [4, 4, 3]
    assert book["ar"]["A1"].comment is not None
    assert "8 in all" in book["ar"]["A1"].comment.text
    formats = [cell.number_format for name in book.sheetnames for cell in book[name]["C"][1:]]
    assert formats == ["+0.00%;-0.00%;0.00%", "0.000"] * 4


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.zeros((1, 16_384)))
    with pytest.raises(OptionError) as caught:
        write_workbook(tmp_path / "a.xlsx", [Sheet(name="ar", frame=frame)])
    assert str(caught.value) == (
        "The sheet 'ar' would have 16,385 columns, Excel holds 16,384; write this table with "
        "to_csv."
    )


@pytest.mark.parametrize(
    "name", [*HOSTILE, "", "'quoted'", "x" * 40, "🚀" * 20, "History", "[a]:*?/\\"]
)
def test_sheet_names_are_such_as_excel_accepts(name: str, tmp_path: Path) -> None:
    taken = [sheet_name(name)]
    taken.append(sheet_name(name.upper(), taken))
    assert len({each.lower() for each in taken}) == 2
    sheets = [Sheet(name=name, frame=pd.DataFrame({"a": [1]}))] * 2
    book = openpyxl.load_workbook(write_workbook(tmp_path / "a.xlsx", sheets))
    assert len(book.sheetnames) == 2
    assert all(0 < len(each.encode("utf-16-le")) <= 62 for each in book.sheetnames)


def test_the_workbook_of_a_result_reads_back_cell_by_cell(
    result: es.Result, tmp_path: Path
) -> None:
    file = result.to_excel(tmp_path / "new" / "r.xlsx", (0, 0), (-1, 1))
    book = openpyxl.load_workbook(file)
    others = [name for name in book.sheetnames if name.startswith("Without")]
    assert [name for name in book.sheetnames if name not in others] == [
        *("summary", "caar", "tests", "car", "aar", "ar", "estimates", "events", "dropped"),
        "provenance",
    ]
    windows = ((0, 0), (-1, 1))
    tables = {
        "caar": result.caar(*windows),
        "car": result.car(*windows),
        "aar": result.aar,
        "ar": result.ar,
        "estimates": result.estimates,
        "events": result.events,
        "dropped": result.dropped,
    }
    for name, table in tables.items():
        found = read(file, name)
        flat = table.reset_index()
        assert found[0] == list(flat.columns), name
        assert len(found) == len(table) + 1
        for row, needed in zip(found[1:], flat.astype(object).to_numpy().tolist(), strict=True):
            for one, two in zip(row, map(plain_value, needed), strict=True):
                assert close(one, two) or (one, two) == ("", None) or (one, two) == (None, "")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    formats = {cell.value: book["caar"].cell(2, at).number_format for at, cell in
               enumerate(book["caar"][1], start=1)}  # fmt: skip
    assert formats["estimate"] == "+0.00%;-0.00%;0.00%"
    assert formats["pvalue"] == "0.000"
    widths = [book["car"].column_dimensions[letter].width for letter in "AB"]
    assert all(7 <= width <= 61 for width in widths)


def test_the_first_sheet_says_what_was_found(result: es.Result, tmp_path: Path) -> None:
    rows = read(result.to_excel(tmp_path / "r.xlsx"), "summary")
    said = [label for label, _ in rows]
    assert said[:2] == ["Study", "Model"]
    assert ["Finding", result.sentence()] in rows
    assert "Source" in said


def test_aggregated_results_leave_out_what_needs_events_and_say_so(tmp_path: Path) -> None:
    kept = result_of(["A", "B", "C"], store="aggregate")
    file = kept.to_excel(tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(file).sheetnames
    assert not {"car", "ar", "estimates"} & set(names)
    assert read(file, "summary")[-1] == [
        "Not here",
        "car, ar, estimates: only sums over the events were kept (store='aggregate')",
    ]
    written = kept.to_csv(tmp_path / "csv")
    assert {path.stem for path in written} == {"caar", "tests", "aar", "events", "dropped"}
    structure(kept.to_latex())


@pytest.mark.parametrize("tickers", [["A"], ["A", "B", "C"]])
def test_few_events_and_other_measures_can_be_written(tickers: list[str], tmp_path: Path) -> None:
    small = result_of(tickers).where([True] + [False] * (2 * len(tickers) - 1))
    assert len(small.events) == 1
    structure(small.to_latex())
    small.to_excel(tmp_path / "a.xlsx")
    small.to_csv(tmp_path)
    assert "One" in small.to_markdown() or "A" in small.to_markdown()


def test_volumes_are_written_as_plain_numbers(tmp_path: Path) -> None:
    events = es.events_on("2026-02-25", ["IREN", "CIFR", "HUT"], session="after_close")
    study = es.EventStudy(model=es.MarketModel())
    panel = study.load(events, es.loaders.sample, market="SPY", fields=("volume",))
    found = es.activity.volume(events, panel, study)
    book = openpyxl.load_workbook(found.to_excel(tmp_path / "v.xlsx"))
    assert book["caar"]["B2"].number_format == "0.000"
    assert book["ar"]["B2"].number_format == "0.000"
    assert book["estimates"]["D2"].number_format == "0.000"
    assert "%" not in found.to_latex().split(r"\bottomrule")[0].split("midrule")[1].replace(
        r"95\,\%", ""
    )
    structure(found.to_latex())


# ── files ────────────────────────────────────────────────────────────────────────────────
def test_csv_files_of_a_result_are_its_tables(result: es.Result, tmp_path: Path) -> None:
    written = result.to_csv(tmp_path / "deep" / "out", (0, 0), formula_safe=False)
    assert [path.stem for path in written] == [
        *("caar", "tests", "car", "aar", "ar", "estimates", "events", "dropped")
    ]
    car = pd.read_csv(written[2], index_col=0)
    pd.testing.assert_series_equal(car["[0,0]"], result.car((0, 0))["[0,0]"], check_index=False)
    safe = result.to_csv(tmp_path, (0, 0))
    assert "'=CIFR" in safe[6].read_text(encoding="utf-8")
    assert "'-X" in safe[6].read_text(encoding="utf-8")


def test_texts_are_returned_and_written(result: es.Result, tmp_path: Path) -> None:
    summary = result.summary((0, 0))
    for write, name in (
        (summary.to_latex, "a.tex"),
        (summary.to_markdown, "a.md"),
        (summary.to_html, "a.html"),
        (summary.to_csv, "a.csv"),
    ):
        text = write(tmp_path / "made" / name)
        assert (tmp_path / "made" / name).read_bytes() == f"{text}\n".encode()
    assert result.to_latex(None, (0, 0)) == summary.to_latex()
    assert result.to_markdown(None, (0, 0)) == summary.to_markdown()


def test_the_latex_of_a_result_names_tests_papers_sample_and_n_eff(result: es.Result) -> None:
    latex = result.to_latex()
    structure(latex)
    assert r"\caption{Event study. Cumulative average abnormal return}" in latex
    assert r"Kolari and Pynn\"{o}nen (2010)" in latex
    assert r"n\_eff = N/(1 + (N $-$ 1)\={r})" in latex
    assert "10 events kept" in latex
    assert "Not valid" not in latex
    assert "***" not in latex
    assert "adjusted BMP" in latex


class Seen(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_the_html_of_a_summary_runs_nothing(result: es.Result) -> None:
    page = result.summary().to_html()
    seen = Seen()
    seen.feed(page)
    assert not seen.tags & {"script", "img", "iframe", "link", "a"}
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert "default-src 'none'" in page


def test_groups_regressions_and_single_events_can_be_printed(result: es.Result) -> None:
    told = result.where(np.ones(len(result.events), dtype=bool))
    groups = told.by(np.array(["<b>", "a|b"] * 5))
    explained = told.explain("1", (0, 0))
    single = told.single(str(told.events.index[0]))
    for thing in (groups, explained, single):
        structure(thing.to_latex())
        assert "<b>" not in thing.to_markdown()
    assert "a\\|b (5 events)" in groups.to_markdown()


def answers() -> dict[str, Any]:
    """One of each answer that has pages, of a few events."""
    events = es.catalysts.load(category="nvidia", since="2025-08-01", until="2026-02-25")
    events = es.catalysts.expand(events, ["IREN", "CIFR", "HUT"])
    study = es.EventStudy(model=es.MarketModel(), window=(-2, 5))
    fields = ("open", "close", "high", "low")
    panel = study.load(events, es.loaders.sample, market="SPY", fields=fields)
    held = es.CalendarTime(holding=(1, 20), model=es.MarketModel())
    return {
        "Backtest": es.Rule(enter=1, leave=3).run(events, panel),
        "BuyAndHold": es.BuyAndHold(holding=(1, 20)).run(events, panel),
        "CalendarTime": held.run(events, panel),
        "Calibration": study.calibrate(events, panel, draws=10, tests=["bmp"]),
        "Curve": study.vary(model=[es.MarketModel(), es.MeanAdjusted()]).run(events, panel),
        "NewsDays": study.run(events, panel).news_days("IREN"),
        "NightAndDay": es.activity.overnight(events, panel, study),
        "Preview": study.preview(events, panel.until("2026-02-20")),
        "Volatility": es.activity.volatility(events, panel, study),
    }


def test_every_answer_with_pages_can_be_printed(tmp_path: Path) -> None:
    for name, answer in answers().items():
        latex = answer.to_latex(tmp_path / f"{name}.tex")
        assert structure(latex), name
        assert latex.isascii()
        assert latex.count(r"\label{tab:") == latex.count(r"\begin{table}") > 0
        assert "| ---: |" in answer.to_markdown(tmp_path / f"{name}.md"), name


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (3, "path=3 is no path; name the file to write, such as 'table.tex'."),
        ("", "path='' is no path; name the file to write, such as 'table.tex'."),
    ],
)
def test_paths_that_are_none(result: es.Result, path: Any, sentence: str) -> None:
    with pytest.raises(OptionError) as caught:
        result.to_latex(path)
    assert str(caught.value) == sentence


def test_what_is_no_file_is_refused(result: es.Result, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        result.to_excel(tmp_path / "a.csv")
    assert str(caught.value) == (
        f"{str(tmp_path / 'a.csv')!r} does not end in .xlsx; name a file that does."
    )
    with pytest.raises(OptionError) as caught:
        result.to_markdown(tmp_path)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} is a folder; name a file in it, such as 'table.md'."
    )
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OptionError) as caught:
        result.to_csv(tmp_path / "file" / "deep")
    assert " cannot be written (" in str(caught.value)
    assert str(caught.value).endswith("; name another place.")
    with pytest.raises(OptionError, match="is no path; name the file to write, such as 'tables'"):
        result.to_csv(3)  # type: ignore[arg-type]  # on purpose


def test_a_missing_xlsxwriter_is_one_sentence(
    result: es.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(OptionError) as caught:
        result.to_excel(tmp_path / "a.xlsx")
    assert str(caught.value) == (
        "Excel files need the package `xlsxwriter`; run pip install xlsxwriter."
    )


def test_a_workbook_that_cannot_be_saved(
    result: es.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import xlsxwriter

    def refuse(self: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(xlsxwriter.Workbook, "close", refuse)
    with pytest.raises(OptionError) as caught:
        result.to_excel(tmp_path / "a.xlsx")
    assert str(caught.value) == (
        f"{str(tmp_path / 'a.xlsx')!r} cannot be written (it is open elsewhere, or may not be "
        f"written to); name another place."
    )
