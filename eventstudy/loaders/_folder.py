"""A file of prices, or a folder of them: which files to read, and as what.

A folder is listed and its names are compared: no path is ever built from a ticker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from eventstudy import errors
from eventstudy.loaders._layout import TICKER_NAMES, Layout, Part, plain
from eventstudy.loaders._request import match

#: what a table is: rows of many tickers, a column a ticker, or the ticker that its file is called
LONG, WIDE, ONE = "long", "wide", "one ticker"
#: how a folder is called whose rows have no value
NOTHING = "__HIVE_DEFAULT_PARTITION__"
Open = Callable[[Path, str, Mapping[str, str]], Part]
#: tables to read, each with what its columns are
Tables = list[tuple[Part, Layout]]


@dataclass(frozen=True, eq=False)
class File:
    """A file, the ticker that it would be named after, and what its folders are called."""

    path: Path
    stem: str
    given: Mapping[str, str] = field(default_factory=dict)


def tables_in(
    path: Path, endings: tuple[str, ...], tickers: Sequence[str] | None, open_file: Open
) -> Tables:
    """Open what may hold the tickers (None: all of them), to be read as one.

    Columns tell what a folder is: one long or wide table in several files, or else one file for
    each ticker, named after it.
    """
    try:
        single, folder = path.is_file(), path.is_dir()
    except OSError:  # a name that the system refuses
        single = folder = False
    if single:
        files = [File(path, _stem(path, endings) or path.stem)]
    elif folder:
        files = _files_of(path, endings)
    else:
        raise errors.file_missing(path)
    folded = None if tickers is None else {ticker.strip().upper() for ticker in tickers}
    kept = [file for file in files if _may_hold(file, folded)]
    parts = _Parts(open_file)
    if not single:
        return _of_folder(path, kept, tickers, parts) if kept else []
    if not parts[kept[0]].size:
        raise errors.file_empty(path)
    return [(parts[kept[0]], parts[kept[0]].layout)]


class _Parts(dict[File, Part]):
    """Files that were opened, each once."""

    def __init__(self, open_file: Open) -> None:
        super().__init__()
        self._open = open_file

    def __missing__(self, file: File) -> Part:
        return self.setdefault(file, self._open(file.path, file.stem, file.given))


def _files_of(path: Path, endings: tuple[str, ...]) -> list[File]:
    try:
        files = list(_listed(path, endings, {}))
    except OSError as why:
        raise errors.file_unreadable(path, why) from None
    if not files:
        raise errors.folder_without_files(path, endings)
    return files


def _listed(folder: Path, endings: tuple[str, ...], given: Mapping[str, str]) -> Iterator[File]:
    """Yield the files of a folder, and of folders in it that are called column=value."""
    for entry in sorted(folder.iterdir()):
        column, sign, value = entry.name.partition("=")
        if entry.name.startswith("."):  # other programs' notes
            continue
        if sign and column and entry.is_dir():
            told = "" if value == NOTHING else unquote(value)
            yield from _listed(entry, endings, {**given, unquote(column): told})
        elif (stem := _stem(entry, endings)) and not entry.is_dir():
            yield File(entry, stem, given)


def _stem(file: Path, endings: tuple[str, ...]) -> str:
    """Cut the ending off; empty for another kind of file."""
    ending = next((e for e in endings if file.name.lower().endswith(e)), "")
    return file.name[: -len(ending)] if ending else ""


def _may_hold(file: File, tickers: set[str] | None) -> bool:
    """Whether the folder of a file is not that of another ticker."""
    named = {v.strip().upper() for column, v in file.given.items() if plain(column) in TICKER_NAMES}
    return tickers is None or not named or not named.isdisjoint(tickers)


def _of_folder(
    folder: Path, files: list[File], tickers: Sequence[str] | None, parts: _Parts
) -> Tables:
    stems = [file.stem for file in files]
    named = list(dict.fromkeys(match(tickers or (), stems).values()))
    probe = next((file for file in files if file.stem in named), files[0])
    kind = _kind(parts[probe])
    if named and kind == WIDE:
        raise errors.file_no_price_column(probe.path, parts[probe].names)
    if kind == ONE:
        files = _of_stems(folder, files, stems if tickers is None else named)
    for file in files:
        if _kind(parts[file]) != kind:
            raise errors.folder_kinds_differ(folder, probe.path.name, file.path.name)
    return [(parts[file], _layout(parts[file], kind)) for file in files]


def _kind(part: Part) -> str:
    if part.layout.ticker is not None:
        return LONG
    return ONE if part.layout.fields or len(part.names) == 2 else WIDE


def _layout(part: Part, kind: str) -> Layout:
    """In a file of one ticker, a single column beside the dates is the prices' by any name."""
    layout = part.layout
    if kind != ONE or layout.fields:
        return layout
    price = next(name for name in part.names if name != layout.date)
    return Layout(layout.date, None, {"adj_close": price})


def _of_stems(folder: Path, files: list[File], stems: Iterable[str]) -> list[File]:
    """Choose the files of some tickers; two that differ in case only are refused."""
    found: dict[str, list[File]] = {}
    for file in files:
        found.setdefault(file.stem.upper(), []).append(file)
    for stem in stems:
        if len(same := found[stem.upper()]) > 1:
            raise errors.folder_files_repeat(folder, stem, [file.path.name for file in same])
    return [found[stem.upper()][0] for stem in stems]
