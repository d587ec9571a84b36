"""Factors of the Kenneth French library, in files made up after the library's own format."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from loopback import Loopback, Reply, Request

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.factors import french
from eventstudy.factors._french_raw import _raw

FIVE_DAILY = """This file was created by using the 209902 CRSP database.
The Tbill return is the simple daily rate that, over the number of trading days
compounds to 1-month TBill rate. It is, of course, made up.

,Mkt-RF,SMB,HML,RMW,CMA,RF
20990102,   -0.67,    0.00,   -0.34,   -0.01,    0.16,    0.01
20990105,    0.79,   -0.26,    0.26,  -99.99,   -0.20,    0.01
20990106,    0.63,   -0.17,   -0.09,    0.18, -999.00,    0.01

Copyright 2099 Nobody
"""
MOM_DAILY = """This file was created by CMPT_ME_PRIOR_RETS_DAILY using the 209901 CRSP database.  It
contains a momentum factor, constructed from six value-weight portfolios, of size and, again, prior
return.

Missing data are indicated by -99.99 or -999.

,Mom   \n20981231,  -0.38
20990102,   0.56
20990105,  -0.50

Copyright 2099 Nobody
"""
THREE_DAILY = """Made by nobody using the 209902 CRSP database.

,Mkt-RF,SMB,HML,RF
20990102,   -0.67,    0.20,   -0.34,    0.01
20990105,    0.79,   -0.46,    0.26,    0.01

"""
FIVE_MONTHLY = """This file was created by CMPT_ME using the 209902 CRSP database.

,Mkt-RF,SMB,HML,RMW,CMA,RF
209812,   -0.39,   -0.41,   -0.97,    0.68,   -1.18,    0.27
209901,    5.07,   -0.80,    1.80,    0.36,   -0.35,    0.25
209902,   -1.57,   -0.52,    0.13,   -0.71,    0.29,    0.27

 Annual Factors: January-December
,Mkt-RF,SMB,HML,RMW,CMA,RF
  2097,   21.02,    2.29,    3.44,    7.10,    1.17,    3.14
  2098,   12.53,   -0.47,    9.21,   -2.83,    6.52,    3.54

Copyright 2099 Nobody
"""
MOM_MONTHLY = """Made using the 209902 CRSP database.

,Mom
209812,   0.90
209901,   1.00

Annual Factors:

,Mom
  2098,   3.00
"""
COLUMNS = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom", "RF"]


def put(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def zipped(name: str, *texts: str, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packed) as archive:
        for k, text in enumerate(texts):
            archive.writestr(f"{name}{k or ''}.csv", text)
        archive.writestr("readme.txt", "not a table")
    return held.getvalue()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(EventStudyError) as caught:
        call()
    return str(caught.value)


# ── what the files say ───────────────────────────────────────────────────────────────────
def test_daily_sets_are_joined_on_their_dates(tmp_path: Path) -> None:
    paths = [put(tmp_path, "five.csv", FIVE_DAILY), put(tmp_path, "mom.csv", MOM_DAILY)]
    table = french(paths)
    nan = np.nan
    expected = pd.DataFrame(
        [
            [nan, nan, nan, nan, nan, -0.38, nan],
            [-0.67, 0.0, -0.34, -0.01, 0.16, 0.56, 0.01],
            [0.79, -0.26, 0.26, nan, -0.20, -0.50, 0.01],
            [0.63, -0.17, -0.09, 0.18, nan, nan, 0.01],
        ],
        pd.DatetimeIndex(["2098-12-31", "2099-01-02", "2099-01-05", "2099-01-06"], name="date"),
        COLUMNS,
    )
    pd.testing.assert_frame_equal(table, expected / 100, check_freq=False, check_index_type=False)
    assert str(table.index.dtype) == "datetime64[ns]"


def test_months_end_before_the_years_and_are_dated_by_their_last_day(tmp_path: Path) -> None:
    paths = [put(tmp_path, "five.csv", FIVE_MONTHLY), put(tmp_path, "mom.csv", MOM_MONTHLY)]
    table = french(paths, frequency="monthly")
    assert [str(day.date()) for day in table.index] == ["2098-12-31", "2099-01-31", "2099-02-28"]
    assert table["Mkt-RF"].tolist() == pytest.approx([-0.0039, 0.0507, -0.0157])
    assert table["Mom"].tolist()[:2] == pytest.approx([0.009, 0.01])
    assert np.isnan(table["Mom"].iloc[2])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "  \n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace(" ", ""),
        lambda text: text.replace(",Mkt-RF", "Date, mkt-rf "),
        lambda text: text.partition("\n\n,")[1].lstrip("\n") + text.partition("\n\n,")[2],
        lambda text: text[: text.index("\n\nCopy")],
        lambda text: text.replace(",RF\n", ",RF,\n").replace("0.01\n", "0.01,\n"),
        lambda text: text.replace(",RF\n", ",RF,SMB_3F\n").replace("0.01\n", "0.01,  9.99\n"),
        lambda text: text.replace("209901", "2099-01-").replace("using the 2099-01-", "using"),
        lambda text: text.replace("-99.99", "").replace("-999.00", "  "),
    ],
    ids=["windows", "old mac", "blanks", "mark", "dense", "date", "no text", "no end", "comma",
         "other column", "iso", "empty"],
)  # fmt: skip
def test_the_same_numbers_however_a_file_was_saved(
    change: Callable[[str], str], tmp_path: Path
) -> None:
    usual = french(put(tmp_path, "usual.csv", FIVE_DAILY), sets="5")
    table = french(put(tmp_path, "other.csv", change(FIVE_DAILY)), sets=["5"])
    usual.attrs, table.attrs = {}, {}
    pd.testing.assert_frame_equal(table, usual)


def test_umd_and_wml_are_momentum(tmp_path: Path) -> None:
    for name in ("UMD", "WML"):
        file = put(tmp_path, f"{name}.csv", MOM_DAILY.replace(",Mom   ", f",{name}"))
        assert french(file, sets="mom")["Mom"].tolist() == pytest.approx([-0.0038, 0.0056, -0.005])


def test_zip_gzip_and_folder_give_the_same(tmp_path: Path) -> None:
    usual = french(put(tmp_path, "five.csv", FIVE_DAILY), sets="5")
    (tmp_path / "five.zip").write_bytes(zipped("F-F_five", FIVE_DAILY))
    (tmp_path / "five.csv.gz").write_bytes(gzip.compress(FIVE_DAILY.encode()))
    for name in ("five.zip", "five.csv.gz"):
        pd.testing.assert_frame_equal(french(tmp_path / name, sets="5"), usual)


def test_a_folder_gives_each_set_its_file(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", FIVE_DAILY)
    put(tmp_path, "b.CSV", FIVE_MONTHLY)
    (tmp_path / "c.zip").write_bytes(zipped("mom", MOM_DAILY))
    put(tmp_path, "d.csv", THREE_DAILY)
    put(tmp_path, "prices.csv", "date,IREN\n2099-01-02,41.5\n")
    put(tmp_path, "notes.txt", "mine")
    daily = french(tmp_path)
    assert list(daily.columns) == COLUMNS
    assert list(daily.attrs["files"]) == ["a.csv", "c.zip"]
    assert french(tmp_path, sets="3")["SMB"].tolist() == [0.002, -0.0046]
    assert french(tmp_path, "monthly", sets="5").attrs["files"].keys() == {"b.CSV"}


@pytest.mark.parametrize(
    ("texts", "sets"),
    [
        ([FIVE_DAILY, MOM_DAILY], ["5", "mom"]),
        ([FIVE_DAILY], ["5"]),
        ([THREE_DAILY], ["3"]),
        ([MOM_DAILY], ["mom"]),
        ([THREE_DAILY, FIVE_DAILY], ["5"]),  # an SMB each
        ([MOM_DAILY, THREE_DAILY], ["3", "mom"]),
    ],
)
@pytest.mark.parametrize("folder", [False, True])
def test_the_usual_sets_are_those_that_are_there(
    texts: list[str], sets: list[str], folder: bool, tmp_path: Path
) -> None:
    files = [put(tmp_path, f"{k}.csv", text) for k, text in enumerate(texts)]
    if folder:
        put(tmp_path, "months.csv", FIVE_MONTHLY)
    table = french(tmp_path if folder else files)
    assert table.attrs["options"]["sets"] == sets
    pd.testing.assert_frame_equal(table, french(tmp_path if folder else files, sets=sets))


def weekly(text: str) -> str:
    """The same rows a week apart each, as in the library's weekly file."""
    return text.replace("20990105", "20990109").replace("20990106", "20990116")


def test_a_folder_may_hold_weeks_too(tmp_path: Path) -> None:
    put(tmp_path, "days.csv", THREE_DAILY)
    put(tmp_path, "weeks.csv", weekly(THREE_DAILY))
    assert list(french(tmp_path, sets="3").attrs["files"]) == ["days.csv"]


def test_a_file_that_was_saved_again_ends_as_it_may(tmp_path: Path) -> None:
    """A spreadsheet writes 0.3 for 0.30, and perhaps no line end after it."""
    rows = "date,Mom   \n209811,-2.25\n209812,3\n209901,0.3"
    table = french(put(tmp_path, "f.csv", rows), "monthly")
    assert table["Mom"].tolist() == pytest.approx([-0.0225, 0.03, 0.003])
    more = rows + "\n,\nAnnual Factors:,\nJanuary-December ,\n,Mom   \n2097,24.06\n,\nCopyright,\n"
    assert french(put(tmp_path, "f.csv", more), "monthly").equals(table)


def test_factors_of_other_regions_have_their_vintage_too(tmp_path: Path) -> None:
    text = MOM_DAILY.replace("209901 CRSP", "209812 Bloomberg").replace(",Mom", ",WML")
    assert french(put(tmp_path, "f.csv", text)).attrs["vintage"] == "209812"


def test_vintage_and_checksum_are_kept(tmp_path: Path) -> None:
    data = zipped("mom", MOM_DAILY)
    (tmp_path / "mom.zip").write_bytes(data)
    one = french(tmp_path / "mom.zip", sets="mom").attrs
    checksum = hashlib.sha256(data).hexdigest()
    told = {
        "vintage": "209901",
        "sha256": checksum,
        "rows": 3,
        "first": "2098-12-31",
        "last": "2099-01-05",
    }
    assert one == {
        "source": "Kenneth R. French Data Library",
        "vintage": "209901",
        "sha256": checksum,
        "options": {"frequency": "daily", "sets": ["mom"]},
        "files": {"mom.zip": told},
    }
    five = put(tmp_path, "five.csv", FIVE_DAILY)
    both = french([five, tmp_path / "mom.zip"]).attrs
    assert both["vintage"] == "209902, 209901"
    parts = hashlib.sha256(FIVE_DAILY.encode()).hexdigest() + checksum
    assert both["sha256"] == hashlib.sha256(parts.encode()).hexdigest()
    assert both["files"]["mom.zip"] == told


# ── in a panel ───────────────────────────────────────────────────────────────────────────
def test_a_panel_takes_them_as_they_are(tmp_path: Path) -> None:
    days = pd.bdate_range("2099-01-02", periods=80)
    rng = np.random.default_rng(3)
    percent = pd.DataFrame(rng.normal(0, 0.7, (80, 6)).round(2), days, [*COLUMNS[:5], "RF"])
    percent["RF"] = 0.01
    rows = "".join(
        f"{day:%Y%m%d}," + ",".join(f"{value:8.2f}" for value in row) + "\n"
        for day, row in zip(days, percent.to_numpy(), strict=True)
    )
    factors = french(
        put(tmp_path, "f.csv", f"text\n\n,{','.join(percent.columns)}\n{rows}\n"), sets="5"
    )
    prices = pd.DataFrame(
        100 * np.exp(rng.normal(0, 0.02, (80, 2)).cumsum(axis=0)), days, ["AAA", "BBB"]
    )
    panel = es.Panel.from_prices(prices, factors=factors)
    assert panel.factor_names == tuple(COLUMNS[:5])
    assert panel.risk_free is not None
    np.testing.assert_allclose(panel.risk_free, 0.0001)
    events = pd.DataFrame({"ticker": ["AAA"], "date": [days[70]]})
    study = es.EventStudy(es.FamaFrench5(), estimation=(-60, -6), window=(-2, 2))
    found = study.run(events, panel).estimates.iloc[0]
    returns = prices["AAA"].pct_change().to_numpy()[10:65] - 0.0001
    design = np.column_stack([np.ones(55), factors[COLUMNS[:5]].to_numpy()[10:65]])
    expected = np.linalg.lstsq(design, returns, rcond=None)[0]
    np.testing.assert_allclose(found[["alpha", *COLUMNS[:5]]].astype(float), expected, atol=1e-12)


def test_months_meet_prices_of_the_same_dates_only(tmp_path: Path) -> None:
    """Why the documentation asks for prices dated by the last calendar day."""
    text = FIVE_MONTHLY.replace("0.27\n", "0.02\n").replace("0.25\n", "0.02\n")
    factors = french(put(tmp_path, "five.csv", text), "monthly", "5")
    ends = pd.DatetimeIndex(["2098-11-30", "2098-12-31", "2099-01-31", "2099-02-28"])
    prices = pd.DataFrame({"AAA": [1.0, 1.1, 1.2, 1.3]}, ends)
    panel = es.Panel.from_prices(prices, factors=factors)
    np.testing.assert_allclose(panel.factors[1:, 0], [-0.0039, 0.0507, -0.0157])
    sold = prices.set_axis(
        pd.DatetimeIndex(["2098-11-28", "2098-12-31", "2099-01-30", "2099-02-27"])
    )
    panel = es.Panel.from_prices(sold, factors=factors)  # 31 January is not 30 January
    assert np.isnan(panel.factors[2:, 0]).all()


# ── what is refused ──────────────────────────────────────────────────────────────────────
def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


ROW = "20990105,    0.79,   -0.26,    0.26,  -99.99,   -0.20,    0.01"


def case(text: str, sentence: str) -> tuple[str, str]:
    return text, sentence


BROKEN = {
    "short": case(
        changed(FIVE_DAILY, ROW, ROW.rpartition(",")[0]),
        "The row '20990105, 0.79, -0.26, 0.26, -99.99, -0.20' of 'f.csv' has not the 6 values that "
        "the line of names announces; download the file again.",
    ),
    "word": case(
        changed(FIVE_DAILY, "0.79", "n.a."),
        "The row '20990105, n.a., -0.26, 0.26, -99.99, -0.20, 0.01' of 'f.csv' holds 'n.a.' where "
        "a number is needed; download the file again.",
    ),
    "no such day": case(
        changed(FIVE_DAILY, "20990105", "20990231"),
        "The row '20990231' of 'f.csv' is no date; download the file again.",
    ),
    "year 9999": case(
        changed(FIVE_DAILY, "20990106", "99990106"),
        "The row '99990106' of 'f.csv' is no date; download the file again.",
    ),
    "year 99": case(
        changed(FIVE_DAILY, "20990102", "00990102"),
        "The row '00990102' of 'f.csv' is no date; download the file again.",
    ),
    "endless": case(
        changed(FIVE_DAILY, "0.79", "inf"),
        "The row '20990105, inf, -0.26, 0.26, -99.99, -0.20, 0.01' of 'f.csv' holds 'inf' where a "
        "number is needed; download the file again.",
    ),
    "quote": case(
        changed(FIVE_DAILY, "20990105,    0.79", '20990105,"0.79'),
        "The row '20990105,\"0.79, -0.26, 0.26, -99.99, -0.20, 0.01' of 'f.csv' holds '\"0.79' "
        "where a number is needed; download the file again.",
    ),
    "weeks": case(
        weekly(FIVE_DAILY),
        "'f.csv' holds weekly factors and frequency='daily' was asked; give the daily or the "
        "monthly file.",
    ),
    "twice": case(
        changed(FIVE_DAILY, "20990105", "20990102"),
        "The row '20990102' of 'f.csv' repeats a date or goes back in time; download the file "
        "again.",
    ),
    "unsorted": case(
        changed(FIVE_DAILY, "20990105", "20980105"),
        "The row '20980105' of 'f.csv' repeats a date or goes back in time; download the file "
        "again.",
    ),
    "hole": case(
        changed(FIVE_DAILY, ROW, f"\n{ROW}"),
        "The row '20990105, 0.79, -0.26, 0.26, -99.99, -0.20, 0.01' of 'f.csv' does not belong to "
        "the table before it; download the file again.",
    ),
    "cut in a number": case(
        FIVE_DAILY[: FIVE_DAILY.index("0.01\n20990106") + 3],
        "The row '20990105, 0.79, -0.26, 0.26, -99.99, -0.20, 0.0' of 'f.csv' is cut off; download "
        "the file again.",
    ),
    "cut in a row": case(
        FIVE_DAILY[: FIVE_DAILY.index("-999.00")],
        "The row '20990106, 0.63, -0.17, -0.09, 0.18,' of 'f.csv' has not the 6 values that the "
        "line of names announces; download the file again.",
    ),
    "cut in a date": case(
        FIVE_DAILY[: FIVE_DAILY.index("20990106") + 5],
        "The row '20990' of 'f.csv' does not belong to the table before it; download the file "
        "again.",
    ),
    "no rows": case(
        FIVE_DAILY[: FIVE_DAILY.index("20990102")],
        "No row of numbers follows the names of the factors in 'f.csv'; download it again.",
    ),
    "other dates": case(
        FIVE_DAILY.replace("209901", "01/"),
        "No row of numbers follows the names of the factors in 'f.csv'; download it again.",
    ),
    "prices": case(
        "date,IREN\n20990102,41.5\n",
        "No line of 'f.csv' names factors such as Mkt-RF, SMB or Mom; give a CSV or zip of the "
        "Kenneth French library.",
    ),
    "a name twice": case(
        changed(FIVE_DAILY, ",HML,", ",SMB,"),
        "No line of 'f.csv' names factors such as Mkt-RF, SMB or Mom; give a CSV or zip of the "
        "Kenneth French library.",
    ),
    "web page": case(
        "\n<!DOCTYPE html><html>,Mkt-RF</html>",
        "The file 'f.csv' holds a web page, not a table; download the data itself.",
    ),
    "months": case(
        FIVE_MONTHLY,
        "'f.csv' holds monthly factors and frequency='daily' was asked; say frequency='monthly', "
        "or give the other file.",
    ),
    "months with days": case(
        ",Mkt-RF,SMB,HML,RMW,CMA,RF\n"
        + "".join(f"2099-{k:02}-28,1.2,1.1,1.0,1.4,1.3,0.01\n" for k in range(1, 9)),
        "'f.csv' holds monthly factors and frequency='daily' was asked; say frequency='monthly', "
        "or give the other file.",
    ),
    "fractions": case(
        ",Mkt-RF,SMB,HML,RMW,CMA,RF\n20990102,-0.0067,0.002,-0.0034,-0.0001,0.0016,0.0001\n",
        "Half of the daily factors in 'f.csv' are below 0.002, so they are fractions already; give "
        "the library's own file, in percent, or the table itself to the Panel.",
    ),
    "rate alone": case(
        ",RF\n20990102,0.01\n",
        "No line of 'f.csv' names factors such as Mkt-RF, SMB or Mom; give a CSV or zip of the "
        "Kenneth French library.",
    ),
    "no rate": case(
        FIVE_DAILY.replace(",RF\n", "\n").replace(",    0.01\n", "\n"),
        "The set '5' (Mkt-RF, SMB, HML, RMW, CMA, RF) is in none of f.csv in this frequency; give "
        "its file too, or leave it out of `sets`.",
    ),
    "another set": case(
        MOM_DAILY,
        "The set '5' (Mkt-RF, SMB, HML, RMW, CMA, RF) is in none of f.csv in this frequency; give "
        "its file too, or leave it out of `sets`.",
    ),
    "the three": case(
        THREE_DAILY,
        "The set '5' (Mkt-RF, SMB, HML, RMW, CMA, RF) is in none of f.csv in this frequency; give "
        "its file too, or leave it out of `sets`.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_file_is_refused(name: str, tmp_path: Path) -> None:
    text, sentence = BROKEN[name]
    file = put(tmp_path, "f.csv", text)
    assert refusal(lambda: french(file, sets="5")) == sentence


def test_monthly_fractions_are_refused(tmp_path: Path) -> None:
    file = put(tmp_path, "f.csv", ",Mom\n209901,0.059\n209902,-0.063\n")
    assert "Half of the monthly factors" in refusal(lambda: french(file, "monthly", "mom"))


def test_days_for_months_are_refused(tmp_path: Path) -> None:
    file = put(tmp_path, "f.csv", FIVE_DAILY)
    assert refusal(lambda: french(file, "monthly", "5")) == (
        "'f.csv' holds daily factors and frequency='monthly' was asked; say frequency='daily', or "
        "give the other file."
    )


def test_the_smb_of_the_five_is_not_that_of_the_three(tmp_path: Path) -> None:
    file = put(tmp_path, "f.csv", FIVE_DAILY)
    assert "The set '3' (Mkt-RF, SMB, HML, RF) is in none of f.csv" in refusal(
        lambda: french(file, sets="3")
    )
    assert refusal(lambda: french(file, sets=("3", "5"))) == (
        "sets names '3' and '5', which have an SMB each; choose one of them, and read the other in "
        "a call of its own."
    )


@pytest.mark.parametrize("sets", ["6", ("mom", "6"), (), 5, [5]])
def test_unknown_sets_are_refused(sets: object, tmp_path: Path) -> None:
    file = put(tmp_path, "f.csv", FIVE_DAILY)
    sentence = refusal(lambda: french(file, sets=sets))  # type: ignore[arg-type]  # refused
    assert sentence.startswith("sets=")
    assert "is not known; choose one of '3', '5', 'mom'." in sentence


@pytest.mark.parametrize("gone", [3, 4])
def test_a_part_of_the_five_is_not_the_three(gone: int, tmp_path: Path) -> None:
    """Without CMA or RMW the columns are those of the three, and SMB is still another."""
    lines = [line.split(",") for line in FIVE_DAILY.splitlines()[4:8]]
    kept = "\n".join(",".join(line[: gone + 1] + line[gone + 2 :]) for line in lines)
    sentence = refusal(lambda: french(put(tmp_path, "f.csv", kept + "\n"), sets="3"))
    assert "The set '3' (Mkt-RF, SMB, HML, RF) is in none of f.csv" in sentence


def test_months_with_days_are_dated_by_their_last_day(tmp_path: Path) -> None:
    rows = ",Mom\n2098-11-28,1.00\n2098-12-31,-2.00\n2099-01-30,3.00\n"
    table = french(put(tmp_path, "f.csv", rows), "monthly")
    assert [str(day.date()) for day in table.index] == ["2098-11-30", "2098-12-31", "2099-01-31"]


def test_unknown_frequency_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: french(tmp_path, frequency="weekly")) == (
        "frequency='weekly' is not known; choose one of 'daily', 'monthly'."
    )


def test_a_set_in_two_files_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", MOM_DAILY)
    put(tmp_path, "b.csv", MOM_DAILY)
    assert refusal(lambda: french(tmp_path, sets="mom")) == (
        "The set 'mom' is in a.csv and in b.csv; give one of them."
    )


@pytest.mark.parametrize("path", ["nowhere.csv", 7, ["nowhere.csv"], [7], [], "a\0b"])
def test_a_file_that_is_not_there_is_refused(path: object) -> None:
    assert "There is no file or folder" in refusal(
        lambda: french(path)  # type: ignore[arg-type]  # what is refused
    )


def test_folder_without_files_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: french(tmp_path)) == (
        f"The folder {str(tmp_path)!r} holds no CSV or zip; put files of the Kenneth French "
        f"library there."
    )
    put(tmp_path, "prices.csv", "date,IREN\n2099-01-02,41.5\n")
    assert "is in no file in this frequency; give its file too" in refusal(lambda: french(tmp_path))


ZEROS = "".join(f"{k:08},0.00\n" for k in range(19000101, 19000121)) * 5000
ARCHIVES = {
    "cut off": (zipped("mom", MOM_DAILY)[:-40], "it is damaged or incomplete"),
    "two": (zipped("mom", MOM_DAILY, MOM_DAILY), "it holds 2 CSV files"),
    "none": (zipped("mom"), "it holds 0 CSV files"),
    "bomb": (zipped("mom", ZEROS), "more than 1,000,000 bytes unpacked"),
    "gzip cut off": (gzip.compress(MOM_DAILY.encode())[:-12], "it is damaged or incomplete"),
    "gzip bomb": (gzip.compress(ZEROS.encode()), "more than 1,000,000 bytes unpacked"),
    "large": (b"x" * 1_000_001, "more than 1,000,000 bytes"),
}


def locked(data: bytes) -> bytes:
    """The same archive, said to need a password: bit 0 of the flags, in both headers."""
    found = bytearray(data)
    found[6] |= 1
    found[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


ARCHIVES["locked"] = (
    locked(zipped("mom", MOM_DAILY)),
    "it needs a password or is packed in an unusual way",
)


ARCHIVES["lzma"] = (
    zipped("mom", MOM_DAILY, packed=zipfile.ZIP_LZMA),
    "it needs a password or is packed in an unusual way",
)


@pytest.mark.parametrize("name", ARCHIVES)
def test_archive_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.factors._french_raw.MOST_UNPACKED", 1_000_000)
    data, why = ARCHIVES[name]
    (tmp_path / "f.zip").write_bytes(data)
    assert refusal(lambda: french(tmp_path / "f.zip", sets="mom")) == (
        f"The file 'f.zip' cannot be unpacked ({why}); download it again."
    )


def test_a_damaged_byte_is_noticed(tmp_path: Path) -> None:
    data = bytearray(zipped("mom", MOM_DAILY))
    data[len("mom.csv") + 60] ^= 0xFF
    (tmp_path / "f.zip").write_bytes(bytes(data))
    assert "(it is damaged or incomplete)" in refusal(lambda: french(tmp_path / "f.zip"))


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_whatever_is_damaged_the_refusal_is_one_sentence(packed: int) -> None:
    whole, rng = zipped("mom", MOM_DAILY, packed=packed), np.random.default_rng(8)
    for _ in range(1500):
        data = bytearray(whole)
        data[rng.integers(len(data))] = rng.integers(256)
        with contextlib.suppress(EventStudyError):
            _raw("f.zip", bytes(data))


# ── fetched ──────────────────────────────────────────────────────────────────────────────
TEXTS = {
    "F-F_Research_Data_5_Factors_2x3_daily": FIVE_DAILY,
    "F-F_Momentum_Factor_daily": MOM_DAILY,
    "F-F_Research_Data_Factors_daily": THREE_DAILY,
    "F-F_Research_Data_5_Factors_2x3": FIVE_MONTHLY,
    "F-F_Momentum_Factor": MOM_MONTHLY,
}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    def answer(request: Request) -> Reply:
        folder, _, name = request.path.rpartition("/")
        assert folder == "/pages/faculty/ken.french/ftp"
        text = TEXTS.get(name.removesuffix("_CSV.zip"))
        return Reply(status=404) if text is None else Reply(zipped(name, text))

    with Loopback(answer) as net:
        for name, value in net.environment().items():
            monkeypatch.setenv(name, value)
        yield net


def test_the_site_is_asked_for_what_is_wanted(site: Loopback, tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    table = french()
    assert site.hosts() == ["mba.tuck.dartmouth.edu"] * 2
    here = french([put(tmp_path, "a.csv", FIVE_DAILY), put(tmp_path, "b.csv", MOM_DAILY)])
    attrs = table.attrs
    table.attrs, here.attrs = {}, {}
    pd.testing.assert_frame_equal(table, here)
    assert attrs["source"] == "Kenneth R. French Data Library (mba.tuck.dartmouth.edu)"
    assert before <= datetime.fromisoformat(attrs["fetched"]) <= datetime.now(UTC)
    assert list(attrs["files"]) == [
        "F-F_Research_Data_5_Factors_2x3_daily_CSV.zip",
        "F-F_Momentum_Factor_daily_CSV.zip",
    ]
    assert french(sets=["3", "mom"]).shape == (3, 5)
    assert french(frequency="monthly").shape == (3, 7)


def test_a_site_without_the_file_is_one_sentence(
    site: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(TEXTS, "F-F_Momentum_Factor_daily")
    assert refusal(french) == (
        "mba.tuck.dartmouth.edu answered with status 404 (there is nothing at this address); check "
        "what was asked for, or try again later."
    )


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply.text("<html>Please wait</html>"), "holds a web page, not a table"),
        (Reply.text("busy"), "names factors such as Mkt-RF"),
        (Reply(b"x" * 10_000_001), "is larger than 10,000,000 bytes"),
    ],
)
def test_what_is_no_archive_is_one_sentence(reply: Reply, sentence: str, site: Loopback) -> None:
    site.answer = lambda _: reply
    assert sentence in refusal(french)
