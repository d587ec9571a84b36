"""Any loader with a memory: what was fetched once is read from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._cache_answer import offline_answer, online_answer
from eventstudy.loaders._cache_calls import name_of, takes_fields
from eventstudy.loaders._cache_files import held
from eventstudy.loaders._cache_visit import Visit
from eventstudy.loaders._request import as_request
from eventstudy.one_line import ending, short


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, repr=False)
class CachedPrices:
    """A loader over another: it asks only for what its folder lacks. Made by `cached`.

    Examples
    --------
    >>> import eventstudy as es
    >>> from tempfile import mkdtemp
    >>> kept = es.loaders.cached(es.loaders.sample, mkdtemp())
    >>> kept(["IREN"], "2026-02-23", "2026-02-27").shape, kept.offline
    ((5, 1), False)
    """

    loader: Callable[..., pd.DataFrame]
    folder: Path
    offline: bool = False

    def __repr__(self) -> str:
        mode = ", offline" if self.offline else ""
        folder = ending(str(self.folder), 50)
        return f"<prices of {short(name_of(self.loader))}, kept in {folder!r}{mode}>"

    def __call__(
        self,
        tickers: str | Iterable[str],
        start: object,
        end: object,
        fields: str | Iterable[str] = ("adj_close",),
    ) -> pd.DataFrame:
        """Give the prices, sessions × tickers (× fields), and fetch those that are missing."""
        request = as_request(tickers, start, end, fields)
        if request.fields != ("adj_close",) and not takes_fields(self.loader):
            raise errors.cache_fields_refused(name_of(self.loader), request.fields)
        try:
            import pyarrow as pa  # noqa: F401  (the sentence before any file is opened)
        except ImportError:
            raise errors.cache_absent("pyarrow") from None
        visit = Visit(self.loader, self.folder, request, _now())
        visit.look()
        if self.offline:
            return offline_answer(visit)
        if visit.lacks():
            with held(self.folder):
                visit.fill()
        return online_answer(visit)


def cached(
    loader: Callable[..., pd.DataFrame], folder: str | PathLike[str], offline: bool = False
) -> CachedPrices:
    """Prices of another loader, kept in a folder: one Parquet file a ticker.

    Only days and fields that the folder lacks are asked for, with two weeks that it has. If a
    price of those has changed (a split or a dividend adjusts the whole past), the ticker is
    fetched anew and the log says so. A day is asked for again until it is over on every
    exchange. A file that is damaged, or that another loader wrote, is fetched anew and told.
    What failed is not kept, nor that a ticker was not found; where fetching fails, the kept
    prices are given, the report has the cause as status and says in `detail` which days they
    are. Several processes may share a folder. Needs pyarrow and filelock.

    Parameters
    ----------
    loader : callable
        Any loader, also a function of your own of (tickers, start, end). One that can be asked
        for other fields has an argument ``fields``. One that gives different numbers by its
        settings says so in ``attrs["options"]`` and has a text `cache_key`, without secrets.
    folder : path
        Where the files are, as "~/prices"; it is made when it is needed.
    offline : bool
        Never call the loader: what the folder holds is given, the rest is ``no_data``.

    Returns
    -------
    CachedPrices
        A loader: ``(tickers, start, end, fields=("adj_close",)) -> DataFrame``. Its frame has
        the source and options of the loader below; ``attrs["fetched"]`` is the time of the
        newest fetch in it. What was remarkable about the files is ``report[ticker]["cache"]``.

    Raises
    ------
    LoaderError
        At once: no loader, or one that is cached already. When called: no price was found, the
        folder cannot be used or is busy, pyarrow or filelock is not installed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from eventstudy.loaders import sample
    >>> with TemporaryDirectory() as folder:
    ...     first = cached(sample, folder)(["IREN", "SPY"], "2026-01-02", "2026-03-31")
    ...     again = cached(sample, folder, offline=True)("IREN", "2026-02-02", "2026-02-27")
    >>> again["IREN"].equals(first["IREN"]["2026-02"])
    True
    """
    if not callable(loader):
        raise errors.not_a_loader(loader)
    if isinstance(loader, CachedPrices):
        raise errors.cache_twice(loader.folder)
    try:
        return CachedPrices(loader, Path(folder).expanduser(), bool(offline))
    except TypeError:
        raise errors.cache_folder_unusable(folder, "it is not a path") from None
