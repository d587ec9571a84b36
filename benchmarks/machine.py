"""The machine that was measured: processor, BLAS, load, versions, memory bandwidth."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

#: array that is copied to measure the bandwidth
COPIED = 160_000_000
#: bytes whose hash tells whether a second core is free
HASHED = 8_000_000
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "numba")


class Bandwidth:
    """np.copyto of an array that no cache holds."""

    def __init__(self) -> None:
        self._from, self._to = np.ones(COPIED // 8), np.ones(COPIED // 8)

    def measure(self, clock: str = "wall") -> float:
        """Bytes read and written per second, by the best of three copies."""
        now = time.perf_counter if clock == "wall" else time.process_time
        return 2 * COPIED / min(self._copy(now) for _ in range(3))

    def _copy(self, now: Callable[[], float]) -> float:
        start = now()
        np.copyto(self._to, self._from)
        return now() - start


def free_cores() -> float:
    """How much two threads do in the time of one: 2 where a second core is free, 1 where not."""
    data = bytes(HASHED)

    def work(_: int) -> None:
        hashlib.sha256(data)

    start = time.perf_counter()
    work(0)
    alone = time.perf_counter() - start
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))  # the threads are there
        start = time.perf_counter()
        list(pool.map(work, range(2)))
        both = time.perf_counter() - start
    return 2.0 * alone / both


def describe(dropped: str) -> dict[str, Any]:
    """Everything that an absolute number depends on."""
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "blas": blas(),
        "dropped": dropped,
        "versions": versions(),
        "load": load(),
    }


def processor() -> str:
    """Name of the CPU."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load() -> tuple[float, ...]:
    """Load averages of 1, 5 and 15 minutes; empty where the system has none."""
    return tuple(round(x, 2) for x in os.getloadavg()) if hasattr(os, "getloadavg") else ()


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that did the work."""
    return {"Python": platform.python_version()} | {p: _version(p) for p in PACKAGES}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def blas() -> dict[str, str]:
    """Library, kernel and threads of NumPy's BLAS, as far as they can be known."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    found = {"library": f"{built['name']} {built['version']}"}
    return found | (_by_threadpoolctl() or _by_symbols() or {"kernel": "unknown", "threads": "?"})


def _by_threadpoolctl() -> dict[str, str]:
    try:
        from threadpoolctl import threadpool_info  # type: ignore[import-not-found, unused-ignore]  # optional
    except ImportError:
        return {}
    for pool in threadpool_info():
        if pool["user_api"] == "blas" and "numpy" in Path(pool["filepath"]).parent.name:
            kernel = str(pool.get("architecture", "unknown"))
            return {"kernel": kernel, "threads": str(pool["num_threads"])}
    return {}


def _by_symbols() -> dict[str, str]:
    """Ask the OpenBLAS in NumPy's wheel itself; the build's settings name another kernel."""
    folder = Path(np.__file__).parent
    for file in [*folder.parent.glob("numpy.libs/*openblas*"), *folder.glob(".dylibs/*openblas*")]:
        library = ctypes.CDLL(str(file))
        for pattern in ("scipy_openblas_{}64_", "openblas_{}64_", "openblas_{}"):
            name = getattr(library, pattern.format("get_corename"), None)
            threads = getattr(library, pattern.format("get_num_threads"), None)
            if name and threads:
                name.restype = ctypes.c_char_p
                return {"kernel": name().decode(), "threads": str(threads())}
    return {}
