"""Where the prices of a command come from, and where those that were fetched are kept."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

from eventstudy import errors, loaders
from eventstudy.cli.options import Arguments

#: what the cache of prices needs: the extra `cache`
NEEDED = ("filelock", "platformdirs", "pyarrow")


def loader_of(arguments: Arguments) -> loaders.Loader:
    """Turn ``--prices`` into a loader; what `yahoo` gives is kept unless asked otherwise."""
    folder = arguments.cache
    if arguments.prices == "yahoo" and folder is None and not arguments.no_cache:
        folder = _users_folder(written=not arguments.offline)
    if arguments.offline and folder is None:
        raise errors.offline_without_cache()
    loader = source_of(arguments.prices)
    if folder is None:
        return loader
    return loaders.cached(loader, folder, offline=arguments.offline)


def source_of(source: str) -> loaders.Loader:
    if source == "sample":
        return loaders.sample
    if source == "yahoo":
        # a silent server shall cost less than a quarter of a minute
        return loaders.Yahoo(timeout=8.0)
    path = Path(source)
    if not path.exists():
        raise errors.no_such_prices(source)
    if path.suffix == ".parquet" or (path.is_dir() and any(path.rglob("*.parquet"))):
        return loaders.parquet(path)
    return loaders.csv(path)


def _users_folder(*, written: bool) -> Path | None:
    """The user's cache folder for Yahoo's prices; None, and a line that says so, without it."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if absent:
        print(f"eventstudy: {errors.nothing_kept(absent)}", file=sys.stderr)
        return None
    from platformdirs import user_cache_path

    folder = user_cache_path("eventstudy", appauthor=False) / "yahoo"
    try:
        if written:  # nobody asked for it, so nobody shall fail for it
            folder.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=folder).close()
    except OSError as why:
        print(f"eventstudy: {errors.nothing_kept_in(folder, why.strerror or why)}", file=sys.stderr)
        return None
    return folder
