"""One Parquet file a ticker: read with checksums, replaced in one step, by one writer at a time."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from eventstudy import errors
from eventstudy.loaders._cache_names import file_name
from eventstudy.loaders._cache_ranges import Kept, Origin, Piece, Stretch

VERSION = 1
META, DIGEST = b"eventstudy", b"eventstudy.sha256"
UNFINISHED = ".eventstudy-"
#: seconds to wait for another process, and those before the log says so
PATIENCE, QUIET = 600.0, 2.0
#: seconds for which a reader on Windows may stand in the way of a replacement
READER = 2.0


class Unusable(Exception):  # noqa: N818  (it never leaves the cache)
    """A file that cannot serve; the text goes on after "the kept file"."""


class Foreign(Unusable):
    """A file that the cache did not write; it is put aside, not replaced."""


def read(folder: Path, ticker: str, fields: Iterable[str] | None = None) -> Kept | None:
    """Read what is kept of a ticker (of all fields, if none are named); None without a file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    try:
        with (folder / file_name(ticker)).open("rb") as raw:
            file = pq.ParquetFile(raw)
            meta = _meta(file.metadata.metadata or {}, ticker)
            named = [f for f in meta["fields"] if fields is None or f in set(fields)]
            table = file.read(columns=["date", *named], use_threads=False)
            columns = {name: table.column(name).to_numpy() for name in ("date", *named)}
            digests = {name: _digest(column) for name, column in columns.items()}
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        raise Unusable("cannot be read") from None
    if digests != {name: meta["columns"][name] for name in digests}:
        raise Unusable("is damaged")
    return _kept(meta, columns.pop("date"), columns)


def _meta(found: Mapping[bytes, bytes], ticker: str) -> dict[str, Any]:
    """Read what the file says of itself."""
    text = found.get(META)
    if text is None:
        raise Foreign("was not written by this cache")
    if _hex(text) != found.get(DIGEST):
        raise Unusable("is damaged")
    meta: dict[str, Any] = json.loads(text)
    if meta["version"] != VERSION:
        raise Unusable("is of another version")
    if meta["ticker"] != ticker:
        raise Unusable("holds another ticker")
    return meta


def _kept(meta: Mapping[str, Any], dates: NDArray[Any], values: dict[str, NDArray[Any]]) -> Kept:
    return Kept(
        ticker=meta["ticker"],
        origin=Origin(*meta["origin"]),
        notes=meta["notes"],
        told=meta["told"],
        asked=_stretch(*meta["asked"]),
        final=np.datetime64(meta["final"]),
        pieces=tuple(Piece(_stretch(*days), fetched) for *days, fetched in meta["pieces"]),
        fields=tuple(meta["fields"]),
        dates=dates,
        values=values,
    )


def _stretch(first: str, last: str) -> Stretch:
    return Stretch(np.datetime64(first), np.datetime64(last))


def write(folder: Path, kept: Kept) -> None:
    """Write the file anew beside the old one and put it in its place in one step.

    Whoever reads, and whatever ends this process, finds the old file or the new one.
    """
    import pyarrow as pa
    from pyarrow import parquet as pq

    columns = {"date": kept.dates, **{f: kept.values[f] for f in kept.fields}}
    text = json.dumps(_described(kept, columns)).encode()
    table = pa.table(columns)
    encoding = dict.fromkeys(kept.fields, "BYTE_STREAM_SPLIT") | {"date": "DELTA_BINARY_PACKED"}
    how = {"compression": "zstd", "use_dictionary": False, "store_schema": False}
    unfinished = folder / f"{UNFINISHED}{uuid4().hex}.tmp"
    try:
        with unfinished.open("xb") as raw:
            with pq.ParquetWriter(raw, table.schema, column_encoding=encoding, **how) as writer:
                writer.write_table(table)
                writer.add_key_value_metadata({META: text, DIGEST: _hex(text)})
            raw.flush()
            os.fsync(raw.fileno())
        _replace(unfinished, folder / file_name(kept.ticker))
    except OSError as why:
        raise errors.cache_folder_unusable(folder, why) from None
    finally:  # also of an interrupt nothing is left
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _described(kept: Kept, columns: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "ticker": kept.ticker,
        "origin": kept.origin,
        "notes": dict(kept.notes),
        "told": dict(kept.told),
        "asked": [str(day) for day in kept.asked],
        "final": str(kept.final),
        "pieces": [[*map(str, piece.days), piece.fetched] for piece in kept.pieces],
        "fields": kept.fields,
        "columns": {name: _digest(column) for name, column in columns.items()},
    }


def _digest(column: NDArray[Any]) -> str:
    whole = column.dtype.kind == "M"
    plain = column.astype("datetime64[D]").astype("<i8") if whole else column.astype("<f8")
    return hashlib.sha256(plain.tobytes()).hexdigest()


def _hex(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _replace(new: Path, old: Path) -> None:
    """Replace; on Windows a file cannot be replaced in the moment in which it is read."""
    until = time.monotonic() + READER
    while True:
        try:
            new.replace(old)
        except PermissionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def put_aside(folder: Path, ticker: str) -> str:
    """Rename a file that somebody else wrote; returns its new name."""
    name = file_name(ticker)
    free = next(other for n in count(1) if not (other := folder / f"{name}.foreign{n}").exists())
    try:
        (folder / name).replace(free)
    except OSError as why:
        raise errors.cache_folder_unusable(folder, why) from None
    return free.name


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the only process that fills a folder, and remove what killed ones left unfinished.

    One lock for the folder, held while the source is asked: a second process that misses the
    same days waits and then finds them. Who only reads never waits.
    """
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        raise errors.cache_absent("filelock") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=PATIENCE)
        try:
            lock.acquire(timeout=min(QUIET, PATIENCE))
        except Timeout:
            log = logging.getLogger("eventstudy")
            log.warning("cache: waiting for another process that fills it")
            lock.acquire()
    except Timeout:
        raise errors.cache_busy(folder, PATIENCE) from None
    except (OSError, ValueError, NotImplementedError) as why:  # the last: a disk without locks
        raise errors.cache_folder_unusable(folder, why) from None
    try:
        for left in folder.glob(f"{UNFINISHED}*.tmp"):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()
