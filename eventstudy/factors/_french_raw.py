"""The bytes of the Kenneth French library: from files of the user's own, or over HTTPS."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePath
from typing import IO, cast

from eventstudy import errors
from eventstudy.web import https_get

HOST = "mba.tuck.dartmouth.edu"
FOLDER = "/pages/faculty/ken.french/ftp/"
#: set → name of its archive; daily files say so before the ending
ARCHIVES = {
    "3": "F-F_Research_Data_Factors",
    "5": "F-F_Research_Data_5_Factors_2x3",
    "mom": "F-F_Momentum_Factor",
}
#: the archives are below half a megabyte, and about a megabyte unpacked
MOST_PACKED, MOST_UNPACKED = 10_000_000, 100_000_000
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNUSUAL = "it needs a password or is packed in an unusual way"

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]


@dataclass(frozen=True)
class Raw:
    """One file as it came."""

    name: str
    text: str
    #: of the bytes as they came, packed or not
    sha256: str
    #: whether the user named this very file
    named: bool = True


def fetched(sets: Iterable[str], frequency: str) -> list[Raw]:
    """One archive a set from the library's own site."""
    middle = "_daily" if frequency == "daily" else ""
    names = [f"{ARCHIVES[each]}{middle}_CSV.zip" for each in sets]
    pages = [
        https_get(f"https://{HOST}{FOLDER}{name}", most_bytes=MOST_PACKED, timeout=30.0)
        for name in names
    ]
    return [_raw(name, page.body) for name, page in zip(names, pages, strict=True)]


def of_paths(paths: Paths) -> list[Raw]:
    """Files, archives, and folders of them."""
    if isinstance(paths, (str, PathLike)):
        paths = [paths]
    elif not isinstance(paths, Iterable):
        raise errors.file_missing(paths)
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise errors.file_missing("")
    return [_raw(file.name, _bytes(file), named=named) for file, named in files]


def _files(path: object) -> list[tuple[Path, bool]]:
    """The file itself, or those of the folder that may be of the library."""
    if not isinstance(path, (str, PathLike)):
        raise errors.file_missing(path)
    here = Path(path)
    try:
        if here.is_dir():
            found = sorted(here.iterdir())
            kinds = (".csv", ".zip", ".csv.gz")
            inside = [(file, False) for file in found if file.name.lower().endswith(kinds)]
            if not inside:
                raise errors.folder_without_french(here)
            return inside
        if here.is_file():
            return [(here, True)]
    except OSError:  # a name that the system refuses
        pass
    raise errors.file_missing(path)


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            found = stream.read(MOST_UNPACKED + 1)
    except OSError as why:
        raise errors.file_unreadable(file, why) from None
    if len(found) > MOST_UNPACKED:
        raise errors.archive_unusable(file.name, f"more than {MOST_UNPACKED:,} bytes")
    return found


def _raw(name: str, data: bytes, *, named: bool = True) -> Raw:
    if data[:4] == b"PK\x03\x04":
        text = _unzipped(name, data)
    elif data[:2] == b"\x1f\x8b":
        text = _ungzipped(name, data)
    else:
        text = data
    if text.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise errors.file_is_html(Path(name))
    checksum = hashlib.sha256(data).hexdigest()
    # the numbers are ASCII; free text before and after them may be in an older coding
    return Raw(PurePath(name).name, text.decode("utf-8-sig", errors="replace"), checksum, named)


def _unzipped(name: str, data: bytes) -> bytes:
    """The one CSV of an archive; what its directory says of sizes is not believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
            if len(inside) != 1:
                why = f"it holds {len(inside)} CSV files"
            elif inside[0].compress_type not in _PACKED:
                why = _UNUSUAL
            else:
                with archive.open(inside[0]) as stream:
                    return _bounded(name, stream)
    except errors.LoaderError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
        why = "it is damaged or incomplete"
    except (RuntimeError, NotImplementedError):
        why = _UNUSUAL
    raise errors.archive_unusable(name, why)


def _ungzipped(name: str, data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            return _bounded(name, cast("IO[bytes]", stream))
    except (zlib.error, EOFError, OSError):
        why = "it is damaged or incomplete"
    raise errors.archive_unusable(name, why)


def _bounded(name: str, stream: IO[bytes]) -> bytes:
    found = stream.read(MOST_UNPACKED + 1)
    if len(found) > MOST_UNPACKED:
        raise errors.archive_unusable(name, f"more than {MOST_UNPACKED:,} bytes unpacked")
    return found
