"""A saved panel: a folder of arrays that are mapped into memory, and one text that describes them.

``returns-<digest>.npy`` holds the returns, a row a ticker; ``masked-<digest>.npy`` and
``field0-<digest>.npy`` … lie on the same grid. Their names carry the first digits of the panel's
fingerprint: a file that is named in a task is never that of another panel. ``sessions.npy``,
``factors.npy`` and ``risk_free.npy`` are small and read at once; ``panel.json`` says the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.panel.provenance import Provenance

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

Array = npt.NDArray[Any]
FORMAT, VERSION = "eventstudy panel", 1
TEXT = "panel.json"
#: digits of the fingerprint in the name of a file
DIGITS = 16
#: kinds of numbers that returns and fields are stored as
DTYPES = ("float64", "float32")
_OWN = re.compile(
    r"(?:returns|masked|field\d+)-[0-9a-f]{16}\.npy|(?:sessions|factors|risk_free)\.npy"
)


def described(folder: Path) -> dict[str, Any]:
    """Read what a saved panel says of itself."""
    try:
        told = json.loads((folder / TEXT).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise errors.saved_absent(folder, holds(folder)) from None
    except (OSError, ValueError) as why:
        raise errors.saved_damaged(folder, f"{TEXT} cannot be read ({_reason(why)})") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise errors.saved_damaged(folder, f"{TEXT} is not that of a panel")
    if told.get("version") != VERSION:
        raise errors.saved_version(folder, told.get("version"), VERSION)
    return told


def is_saved(folder: Path) -> bool:
    """Whether a panel of this or another version was saved there, and nothing else lies there."""
    try:
        told = json.loads((folder / TEXT).read_text(encoding="utf-8"))
        rest = [entry.name for entry in folder.iterdir() if entry.name != TEXT]
    except (OSError, ValueError):
        return False
    own = isinstance(told, dict) and told.get("format") == FORMAT
    return own and all(_OWN.fullmatch(name) for name in rest)


def opened(path: Path) -> Panel:
    """Open the panel that lies at ``path`` now."""
    fingerprint = str(described(path).get("fingerprint"))
    return reopened(str(path.resolve()), fingerprint[:DIGITS])


@lru_cache(maxsize=64)
def reopened(folder: str, digest: str) -> Panel:
    """Open a panel, once a process; another one in its place is refused."""
    told = described(Path(folder))
    fingerprint = str(told.get("fingerprint"))
    if not fingerprint.startswith(digest):
        raise errors.saved_replaced(folder)
    made = assembled(Path(folder), told, f"-{digest}")
    vars(made).update(fingerprint=fingerprint, missing=int(told["missing"]))
    return made


def assembled(folder: Path, told: Mapping[str, Any], suffix: str) -> Panel:
    """Make a panel of the files; those of the grid are mapped and not read."""
    from eventstudy.panel.panel import Panel

    try:
        tickers, names = tuple(told["tickers"]), tuple(told["factors"])
        if not all(isinstance(name, str) for name in (*tickers, *names, *told["fields"])):
            _damaged(folder, f"{TEXT} has names that are no text")
        sessions = _read(folder, "sessions.npy", (None,), "M")
        s, t, k = len(tickers), len(sessions), len(names)
        grid = {"returns": "f", **({"masked": "b"} if told["masked"] else {})}
        grid |= {f"field{place}": "f" for place in range(len(told["fields"]))}
        found = {
            name: _read(folder, f"{name}{suffix}.npy", (s, t), kind, mapped=True)
            for name, kind in grid.items()
        }
        return Panel(
            returns=found["returns"],
            sessions=sessions,
            tickers=tickers,
            factors=_read(folder, "factors.npy", (t, k), "f"),
            factor_names=names,
            risk_free=_read(folder, "risk_free.npy", (t,), "f") if told["risk_free"] else None,
            market=told["market"],
            fields={name: found[f"field{at}"] for at, name in enumerate(told["fields"])},
            kind=told["kind"],
            masked=found.get("masked"),
            provenance=Provenance(**{**told["provenance"], "notes": tuple(told["notes"])}),
        )
    except (KeyError, TypeError) as why:
        _damaged(folder, f"{TEXT} lacks or mistakes {why}")


def _read(
    folder: Path, name: str, shape: tuple[int | None, ...], kind: str, *, mapped: bool = False
) -> Array:
    """Read or map one array; anything but the expected one is refused."""
    file = folder / name
    mapped = mapped and 0 not in shape  # nothing cannot be mapped
    try:
        if mapped:
            found: Array = np.lib.format.open_memmap(file, mode="r")
        else:
            with file.open("rb") as opened_file:
                found = np.lib.format.read_array(opened_file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as why:
        _damaged(folder, f"{name} cannot be read ({_reason(why)})")
    fits = len(found.shape) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, found.shape, strict=True)
    )
    if not fits or found.dtype.kind != kind or not found.flags.c_contiguous:
        _damaged(folder, f"{name} has shape {found.shape} and numbers of kind {found.dtype}")
    return found


def _damaged(folder: Path, what: str) -> NoReturn:
    raise errors.saved_damaged(folder, what) from None


def _reason(why: Exception) -> str:
    """The reason in short, without a path."""
    known = getattr(why, "strerror", None)
    return str(known or type(why).__name__)


def holds(path: Path) -> str:
    """What a file or folder of prices looks like: "Parquet", "CSV" or "" (neither)."""
    if path.is_dir():
        if next(path.rglob("*.parquet"), None):  # partitioned files lie deeper
            return "Parquet"
        return "CSV" if any(next(path.glob(end), None) for end in ("*.csv", "*.csv.gz")) else ""
    name = path.name.lower() if path.is_file() else ""
    if name.endswith(".parquet"):
        return "Parquet"
    return "CSV" if name.endswith((".csv", ".csv.gz")) else ""


# ── panels that are files ────────────────────────────────────────────────────────────────────
def is_file(array: Array) -> bool:
    """Whether an array is a file of a saved panel, which was checked when it was written."""
    return isinstance(array, np.memmap) and _home(array) is not None


def _home(array: Array) -> tuple[str, str] | None:
    """Folder and digest of a mapped array of a saved panel, taken from its name."""
    file = getattr(array, "filename", None)
    if file is None or array.base is None or isinstance(array.base, np.ndarray):
        return None  # in memory, or a part of the file
    path = Path(file)
    name, _, digest = path.stem.rpartition("-")
    return (str(path.parent), digest) if name and _OWN.fullmatch(path.name) else None


def behind(panel: Panel) -> Panel | None:
    """The saved panel whose returns a panel has, if there is one."""
    home = _home(panel.returns)
    return None if home is None else reopened(*home)


def changes(panel: Panel, saved: Panel) -> dict[str, Any]:
    """Fields in which a panel differs from the saved one that it was made of."""
    pairs = {f.name: (getattr(panel, f.name), getattr(saved, f.name)) for f in fields_of(panel)}
    return {name: own for name, (own, other) in pairs.items() if not _same(own, other)}


def _same(own: object, other: object) -> bool:
    """Whether two fields are the same: arrays by their memory, the rest by its value."""
    if isinstance(own, np.ndarray) and isinstance(other, np.ndarray):
        return own.__array_interface__ == other.__array_interface__
    if isinstance(own, Mapping) and isinstance(other, Mapping):
        return own.keys() == other.keys() and all(_same(own[key], other[key]) for key in own)
    return type(own) is type(other) and own == other


def again(folder: str, digest: str, changed: Mapping[str, Any]) -> Panel:
    """Make a panel again of the saved one behind it, in whatever process."""
    saved = reopened(folder, digest)
    return replace(saved, **changed) if changed else saved


def carried(panel: Panel) -> tuple[Callable[..., Panel], tuple[Any, ...]]:
    """How a panel travels: as the address of its file, or else as its arrays."""
    home = _home(panel.returns)
    if home is not None:
        return again, (*home, changes(panel, reopened(*home)))
    return whole, (type(panel), {f.name: getattr(panel, f.name) for f in fields_of(panel)})


def whole(kind: type[Panel], parts: Mapping[str, Any]) -> Panel:
    """Make a panel again of its arrays; they are read-only as before."""
    return kind(**parts)
