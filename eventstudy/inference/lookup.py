"""Tests by name: the one place where a string becomes a function."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import TypeAlias

from eventstudy import errors
from eventstudy.arrays import Statistic

Test: TypeAlias = Callable[..., Statistic]

#: tests that draw random numbers unless told otherwise: no table asks them of its own accord
RESAMPLING = frozenset({"boot_residual", "permutation", "wild_dates", "wild_events"})


def names(*, resampling: bool = False) -> tuple[str, ...]:
    """Names of the tests that need nothing but abnormal returns and a window.

    Parameters
    ----------
    resampling : bool
        Also those that draw random numbers, which tables leave out unless they are named.

    Returns
    -------
    tuple of str
        Keys for `resolve`. A test that asks for more, as `contrasts` does for weights, is not
        among them; `resolve` finds it all the same.

    Examples
    --------
    >>> from eventstudy.inference import names
    >>> "adj_bmp" in names(), "valid" in names(), "contrasts" in names()
    (True, False, False)
    >>> "wild_dates" in names(), "wild_dates" in names(resampling=True)
    (False, True)
    """
    found = (name for name, test in _tests().items() if not wants(test))
    return tuple(name for name in found if resampling or name not in RESAMPLING)


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


def wants(test: Test) -> tuple[str, ...]:
    """Options without which a test cannot be asked.

    >>> from eventstudy.inference import bmp, contrasts
    >>> wants(bmp), wants(contrasts)
    ((), ('weights',))
    """
    kinds = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    more = list(signature(test).parameters.values())[2:]
    return tuple(p.name for p in more if p.default is Parameter.empty and p.kind not in kinds)


def _tests() -> dict[str, Test]:
    from eventstudy import inference

    public = {name: getattr(inference, name) for name in inference.__all__}
    return {
        name: value
        for name, value in public.items()
        if getattr(value, "__annotations__", {}).get("return") == "Statistic"
    }
