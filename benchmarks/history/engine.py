"""The engine as one size of the study changes; the others stay at 100,000 events, 3,000 × 2,500."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from benchmarks.cases import Arrays, Spec, arrays, changed
from benchmarks.ways import car_only, standardised

BASE = Spec("history", "", 3000, 100_000)


@cache
def made(field: str, value: float) -> Arrays:
    """Make a case once in a process: asv sets up before every sample."""
    return arrays(changed(BASE, field, value), 0)


class _Engine:
    """AR, SAR, CAR and SCAR of all events from arrays."""

    #: the field of `Spec` that changes
    field: ClassVar[str]
    params: ClassVar[list[float]]
    param_names: ClassVar[list[str]]

    def setup(self, value: float) -> None:
        self.case = made(self.field, value)

    def time_all(self, _value: float) -> None:
        standardised(self.case)

    def peakmem_all(self, _value: float) -> None:
        standardised(self.case)


class Events(_Engine):
    field, params, param_names = "events", [130, 1000, 10_000, 100_000, 1_000_000], ["E"]

    def time_car(self, _value: float) -> None:
        car_only(self.case)

    def peakmem_car(self, _value: float) -> None:
        car_only(self.case)


class Tickers(_Engine):
    field, params, param_names = "tickers", [100, 1000, 10_000], ["N"]


class Sessions(_Engine):
    field, params, param_names = "sessions", [600, 2500, 10_000], ["T"]


class Factors(_Engine):
    field, params, param_names = "factors", [1, 5, 10], ["k"]


class Length(_Engine):
    field, params, param_names = "length", [60, 250, 1000], ["L"]


class Missing(_Engine):
    field, params, param_names = "missing", [0.0, 0.0005, 0.01], ["nan"]
