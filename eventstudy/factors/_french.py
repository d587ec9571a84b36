"""Factors of the Kenneth French library, as fractions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import pandas as pd

from eventstudy import errors
from eventstudy.factors._french_file import COLUMNS, Factors, read
from eventstudy.factors._french_raw import HOST, Paths, fetched, of_paths

FREQUENCIES = ("daily", "monthly")
#: set → the columns it brings
SETS = {
    "3": ("Mkt-RF", "SMB", "HML", "RF"),
    "5": ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF"),
    "mom": ("Mom",),
}
#: what is fetched if nothing is said
USUAL = ("5", "mom")
SOURCE = "Kenneth R. French Data Library"


def french(
    path: Paths | None = None,
    frequency: str = "daily",
    sets: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    r"""Read factors of the Kenneth French library, as fractions: for ``factors=`` of a Panel.

    The column RF becomes the risk-free rate of the panel; `FamaFrench3`, `Carhart4`,
    `FamaFrench5` and `FamaFrench6` read the others by name, `CAPM` the panel's own market.

    Parameters
    ----------
    path : path, or list of paths, optional
        The library's files, CSV or zip, or folders of them. Default: they are fetched from the
        library's site over HTTPS.
    frequency : {"daily", "monthly"}
        Monthly factors are dated by the last calendar day of their month. A panel of months
        needs prices with the same dates, as from ``prices.resample("ME").last()``: a price of
        30 January and a factor of 31 January do not meet. Its study needs
        ``timing=Timing(max_shift=31)`` for news within a month.
    sets : sequence of {"3", "5", "mom"}, optional
        "3" is Mkt-RF, SMB, HML, RF; "5" is these, RMW and CMA, with another SMB; "mom" is Mom.
        Default: "5" and "mom", or of a path's files what they hold, "3" only without "5".

    Returns
    -------
    DataFrame
        By date, the columns of the sets, NaN where the library says missing and where a set has
        no such date; simple returns. ``attrs`` holds ``source``, ``vintage`` (YYYYMM, of CRSP),
        ``sha256`` of the files as they came, ``options``, ``files`` with the same for each file
        and, where they were fetched, ``fetched``: the library is revised, back to its beginning.

    Raises
    ------
    LoaderError
        If a file is missing, damaged, of another frequency or in fractions; if a set is in no
        file or in two; if the site does not answer.

    References
    ----------
    Fama and French (1993), Journal of Financial Economics 33; (2015), 116; Carhart (1997),
    Journal of Finance 52.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''Made up, using the 209901 CRSP database.
    ...
    ... ,Mkt-RF,SMB,HML,RF
    ... 20990102,    0.50,   -0.20,    0.10,    0.01
    ... 20990105,   -1.25,  -99.99,    0.30,    0.01
    ...
    ... Copyright'''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "factors.csv")
    ...     _ = file.write_text(text)
    ...     factors = french(file, sets="3")
    >>> factors["Mkt-RF"].tolist(), factors["SMB"].tolist(), factors.attrs["vintage"]
    ([0.005, -0.0125], [-0.002, nan], '209901')
    """
    if frequency not in FREQUENCIES:
        raise errors.unknown_option("frequency", frequency, FREQUENCIES)
    wanted = USUAL if sets is None else _sets(sets)
    asked = datetime.now(UTC).isoformat(timespec="seconds")
    raw = fetched(wanted, frequency) if path is None else of_paths(path)
    files = [file for each in raw if (file := read(each)) is not None]
    for each in raw:
        if each.named and not any(file.raw is each for file in files):
            raise errors.french_no_factors(each.name)
    if sets is None and path is not None:
        wanted = _held(files, frequency)
    chosen = _chosen(files, wanted, frequency)
    parts = [chosen[each].frame.filter(SETS[each]) for each in wanted]
    table = pd.concat(parts, axis=1, sort=True)
    table = table[[name for name in COLUMNS if name in table]]
    used = [file for file in files if any(file is each for each in chosen.values())]
    table.attrs = {
        "source": f"{SOURCE} ({HOST})" if path is None else SOURCE,
        **({"fetched": asked} if path is None else {}),
        "vintage": ", ".join(dict.fromkeys(file.vintage for file in used if file.vintage)),
        "sha256": _checksum(used),
        "options": {"frequency": frequency, "sets": list(wanted)},
        "files": {file.raw.name: _told(file) for file in used},
    }
    return table


def _sets(given: str | Iterable[str]) -> tuple[str, ...]:
    """Check which sets are wanted; the three and the five factors have an SMB each."""
    if not isinstance(given, (str, Iterable)):
        raise errors.unknown_option("sets", given, tuple(SETS))
    wanted = (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))
    for each in wanted or ("",):
        if each not in SETS:
            raise errors.unknown_option("sets", each, tuple(SETS))
    if {"3", "5"} <= set(wanted):
        raise errors.french_two_smb()
    return wanted


def _whole(file: Factors) -> list[str]:
    """Sets of which a file has all columns. SMB of the five factors is not that of the three."""
    there = set(file.frame.columns)
    other = "3" if there & {"RMW", "CMA"} else "5"
    return [each for each in SETS if each != other and set(SETS[each]) <= there]


def _held(files: list[Factors], frequency: str) -> tuple[str, ...]:
    """The usual sets, as far as the files hold them, and "3" where "5" is in none."""
    held = {each for file in files if file.frequency == frequency for each in _whole(file)}
    base = "3" if "3" in held and "5" not in held else "5"
    return tuple(each for each in (base, "mom") if each in held) or USUAL


def _chosen(files: list[Factors], wanted: tuple[str, ...], frequency: str) -> dict[str, Factors]:
    """Set → the one file that holds it in this frequency."""
    for file in files:
        if file.raw.named and file.frequency != frequency:
            raise errors.french_frequency(file.raw.name, file.frequency, frequency)
    found = {}
    for each in wanted:
        having = [file for file in files if file.frequency == frequency and each in _whole(file)]
        names = [file.raw.name for file in having]
        if not having:
            raise errors.french_set_absent(each, SETS[each], [file.raw.name for file in files])
        if len(having) > 1:
            raise errors.french_set_twice(each, names)
        found[each] = having[0]
    return found


def _checksum(files: list[Factors]) -> str:
    """The file's own; of several, that of their checksums one after the other."""
    if len(files) == 1:
        return files[0].raw.sha256
    return hashlib.sha256("".join(file.raw.sha256 for file in files).encode()).hexdigest()


def _told(file: Factors) -> dict[str, object]:
    days = file.frame.index
    return {
        "vintage": file.vintage,
        "sha256": file.raw.sha256,
        "rows": len(days),
        "first": days[0].date().isoformat(),
        "last": days[-1].date().isoformat(),
    }
