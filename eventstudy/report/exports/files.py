"""Text that goes into a file, if one is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from eventstudy import errors

PathLike: TypeAlias = str | os.PathLike[str]


def place(path: object, example: str, suffix: str = "") -> Path:
    """The file to be written: a path with the ending asked for; its folder is made."""
    found = _path(path, example)
    if suffix and found.suffix.lower() != suffix:
        raise errors.export_suffix(path, suffix)
    try:
        is_folder = found.is_dir()
    except OSError as failure:  # too long a name
        raise errors.export_not_written(path, failure.strerror) from failure
    if is_folder:
        raise errors.export_into_folder(path, example)
    folder(found.parent)
    return found


def folder(path: object) -> Path:
    """Make a folder, unless it is there."""
    found = _path(path, "tables")
    try:
        found.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise errors.export_not_written(path, failure.strerror) from failure
    return found


def _path(path: object, example: str) -> Path:
    """A path that could be one: no number, not empty, and no sign that ends names."""
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path) or not str(path).strip():
        raise errors.export_path_unreadable(path, example)
    return Path(path)


def saved(text: str, path: PathLike | None, example: str) -> str:
    """Return ``text``, and write it to ``path`` if there is one: UTF-8, on all machines alike."""
    if path is not None:
        file = place(path, example)
        try:
            file.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as failure:
            raise errors.export_not_written(path, failure.strerror) from failure
    return text
