"""Writing a saved panel: row by row into a folder beside, which takes its place in one step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.panel.stored import DIGITS, FORMAT, TEXT, VERSION, assembled, is_saved

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

Array = npt.NDArray[Any]
#: bytes of a piece that is converted and written at a time
PIECE = 1 << 23


def save(panel: Panel, path: Path, dtype: str, *, overwrite: bool) -> None:
    """Write a panel that is in memory, or mapped."""
    refuse_taken(path, overwrite=overwrite)
    with Folder(path, overwrite=overwrite) as folder:
        shape = panel.returns.shape
        grid = {"returns": panel.returns}
        grid |= {f"field{at}": values for at, values in enumerate(panel.fields.values())}
        for name, values in grid.items():
            with folder.rows(name, shape, dtype) as put:
                for piece in pieces(values):
                    put(piece)
        if panel.masked is not None:
            with folder.rows("masked", shape, "bool") as put:
                for piece in pieces(panel.masked):
                    put(piece)
        folder.finish(panel)


def pieces(values: Array) -> Iterator[Array]:
    """Some rows at a time."""
    step = max(PIECE // max(values[:1].nbytes, 1), 1)
    for start in range(0, len(values), step):
        yield values[start : start + step]


class Folder:
    """A saved panel while it is written; left by an error, nothing of it stays."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self._path, self._overwrite = path, overwrite
        self._beside = path.resolve().parent / f".{path.name}-{uuid4().hex}.unfinished"
        self._grid: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._beside.mkdir(parents=True)
        except OSError as why:
            raise errors.saved_unwritable(self._path, why) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._beside, ignore_errors=True)
        if isinstance(why, OSError):
            raise errors.saved_unwritable(self._path, why) from None

    @contextmanager
    def rows(self, name: str, shape: tuple[int, ...], dtype: str) -> Iterator[Any]:
        """Write an array on the grid; what is given gets some rows after the other."""
        kind = np.dtype(dtype)
        with (self._beside / f"{name}.npy").open("xb") as file:
            _header(file, shape, kind)

            def put(values: Array) -> None:
                file.write(np.ascontiguousarray(values, dtype=kind).tobytes())

            yield put
        self._grid.append(name)

    def drop(self, name: str) -> None:
        """Leave an array out after all."""
        self._grid.remove(name)
        (self._beside / f"{name}.npy").unlink()

    def finish(self, like: Panel, **changed: object) -> None:
        """Describe the panel, as ``like`` but for what ``changed``, and put it in its place."""
        small = {"sessions": like.sessions, "factors": like.factors, "risk_free": like.risk_free}
        for name, values in small.items():
            if values is not None:
                np.save(self._beside / f"{name}.npy", values, allow_pickle=False)
        told = description(like) | changed
        told |= self._sums(told)
        for name in self._grid:
            new = f"{name}-{told['fingerprint'][:DIGITS]}.npy"
            (self._beside / f"{name}.npy").rename(self._beside / new)
        (self._beside / TEXT).write_text(json.dumps(told, default=_plain), encoding="utf-8")
        self._settle()

    def _sums(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """What the written numbers are: the fingerprint, and how many returns are missing."""
        made = assembled(self._beside, told, "")
        return {"fingerprint": made.fingerprint, "missing": made.missing}

    def _settle(self) -> None:
        """Take the place of what lies there, if that may be."""
        old, path = None, self._path
        if path.exists():
            refuse_taken(path, overwrite=self._overwrite)
            old = self._beside.with_suffix(".old")
            path.rename(old)
        self._beside.rename(path)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def refuse_taken(path: Path, *, overwrite: bool) -> None:
    """Refuse a place that holds another panel, or anything else."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    saved = is_saved(path)
    if not (saved and overwrite):
        raise errors.saved_exists(path, saved=saved)


def description(panel: Panel) -> dict[str, Any]:
    """Everything of a panel that is no array."""
    known = vars(panel.provenance)
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": panel.kind,
        "market": panel.market,
        "tickers": list(panel.tickers),
        "factors": list(panel.factor_names),
        "fields": list(panel.fields),
        "masked": panel.masked is not None,
        "risk_free": panel.risk_free is not None,
        "provenance": {name: value for name, value in known.items() if name != "notes"},
        "notes": list(panel.provenance.notes),
    }


def _header(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    kind = np.lib.format.dtype_to_descr(dtype)
    described = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def _plain(value: object) -> object:
    """What JSON does not know, as a number or as text."""
    return value.item() if isinstance(value, np.generic) else str(value)
