"""Tests by name: the one place where a string becomes a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from eventstudy import errors
from eventstudy.arrays import Statistic

Test: TypeAlias = Callable[..., Statistic]


def names() -> tuple[str, ...]:
    """Names of all tests: the public functions here that return a `Statistic`.

    >>> from eventstudy.inference import names
    >>> "adj_bmp" in names(), "valid" in names()
    (True, False)
    """
    return tuple(_tests())


def resolve(test: str | Test) -> Test:
    """Find a test by its name; a function is returned as it is.

    Parameters
    ----------
    test : str or callable
        A key such as ``"adj_bmp"``, or a function ``(abnormal, window, **options)`` that
        returns a `Statistic`.

    Returns
    -------
    callable
        The test.

    Raises
    ------
    OptionError
        If no test has that name.

    Examples
    --------
    >>> from eventstudy.inference import bmp, resolve
    >>> resolve("bmp") is bmp is resolve(bmp)
    True
    """
    if callable(test):
        return test
    found = _tests()
    if test not in found:
        raise errors.unknown_test(test, list(found))
    return found[test]


def _tests() -> dict[str, Test]:
    from eventstudy import inference

    public = {name: getattr(inference, name) for name in inference.__all__}
    return {
        name: value
        for name, value in public.items()
        if getattr(value, "__annotations__", {}).get("return") == "Statistic"
    }
