"""What a user types, on the cases of `bench.py`."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from benchmarks.cases import SPECS, Case, build
from benchmarks.ways import tested, typed


@cache
def made(key: str) -> Case:
    """Make a case once in a process: asv sets up before every sample."""
    return build(SPECS[key], 0)


class Study:
    """`study.run(events, panel).caar(window)`, and the same tests on arrays."""

    params: ClassVar[list[str]] = ["a", "b", "b-nan", "c"]
    param_names: ClassVar[list[str]] = ["case"]

    def setup(self, key: str) -> None:
        self.case = made(key)

    def time_typed(self, _key: str) -> None:
        typed(self.case)

    def time_arrays(self, _key: str) -> None:
        tested(self.case)

    def peakmem_typed(self, _key: str) -> None:
        typed(self.case)
