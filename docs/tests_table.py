"""Write docs/tests_table.md again: ``python docs/tests_table.py``.

Nothing in the table is typed by hand. Options and their values come from the signatures and
docstrings of the tests, estimates from the Returns sections, laws from asking every test and
every option on simulated studies, and where a test is valid from `eventstudy.inference.valid`.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpydoc.docscrape import FunctionDoc, Parameter

import eventstudy as es
from eventstudy import inference
from eventstudy.inference.lookup import wants
from eventstudy.report.names import TESTS

PAGE = Path(__file__).parent / "tests_table.md"
WINDOW = (-1, 1)
#: options that every test has, or that every test has which draws
COMMON, DRAWING = ("alternative",), ("draws", "rng", "batch")
#: draws of each answer: laws do not depend on them
DRAWS = 99
LAWS = {"t": "t", "normal": "N", "F": "F"}

HEAD = """# All tests in a table

To look up what a test is called, which options it has, which law it follows, and for which dates of
events it is valid. Which one to take is said in [Choosing a test](choosing_a_test.md); formulas,
papers and simulated sizes are in [Methods](methods.md), D, and so are the letters (N events, D
dates, W the window, M estimation days, ν degrees of freedom).

Ask for a test by its key: `result.test("key", window, ...)`, or on arrays
`key(abnormal, window, *, alternative="two-sided", ...)`. All take `alternative="two-sided"`,
`"greater"` or `"less"`; a joint test answers two-sided only. The default of an option comes first.
*draws* stands for `draws=`, `rng=` (a seed or a NumPy generator) and `batch=`, of the tests that
draw random numbers.

The last columns are five studies with simulated returns of {firms} firms that share a shock:

{places}

✓: `valid` finds that the test keeps its size for dates like these. ○: the test gives a number, but
`valid` does not judge it, since it cannot be asked without more. With fewer events a test may lose
its tick: `valid(...).why` says how many it needs. Some tests that are valid here are not robust to
a larger variance on the event days: [Methods](methods.md), D, says which. `docs/tests_table.py`
makes this page from the code: options come from signatures and docstrings, laws from asking each
test, ticks from `valid`.

| key | variants | estimate | law | {columns} |
|---|---|---|---|{rules}|
"""


# ── five studies ─────────────────────────────────────────────────────────────────────────
FIRMS, DAYS = 12, 1800
#: structure → (firm, session of day 0) of its events
PLACES = {
    "one event": [(0, 400)],
    "independent": [(k % FIRMS, 300 + 60 * k) for k in range(24)],
    "one shared date": [(firm, 400) for firm in range(FIRMS)],
    "several separate dates": [(f, 300 + 200 * d) for d in range(7) for f in range(FIRMS)],
    "staggered": [
        (f, 300 + 200 * d + 2 * (f % 2)) for d in range(7) for f in range(FIRMS)
    ],
}  # fmt: skip


@cache
def studies() -> dict[str, es.Result]:
    """The five studies; each has the structure that its name says."""
    rng = np.random.default_rng(1)
    sessions = pd.bdate_range("2018-01-02", periods=DAYS)
    market, shock = rng.normal(0, 0.01, (2, DAYS))
    moves = market + shock + rng.normal(0, 0.02, (FIRMS, DAYS))
    names = [f"F{k}" for k in range(FIRMS)]
    frame = pd.DataFrame(moves.T, sessions, names).assign(SPY=market)
    panel = es.Panel.from_returns(frame, market="SPY")
    study = es.EventStudy(estimation=(-130, -11), window=(-5, 5))
    found = {}
    for kind, place in PLACES.items():
        firms, days = zip(*place, strict=True)
        events = pd.DataFrame(
            {"ticker": np.array(names)[list(firms)], "date": sessions[list(days)]}
        )
        found[kind] = study.run(events, panel)
        verdict = inference.valid(found[kind].abnormal, WINDOW)
        require(verdict.kind == kind, f"{verdict.kind} is not {kind}")
    return found


def require(holds: bool, what: str) -> None:
    """The code does not say what the table needs, or contradicts itself."""
    if not holds:
        raise ValueError(what)


# ── what the code says ───────────────────────────────────────────────────────────────────
def keys() -> list[str]:
    """Every test: those that need no more than a window, and those that want more."""
    found = [name for name in inference.__all__ if _is_test(getattr(inference, name))]
    require(set(found) >= set(inference.names(resampling=True)), "a test is not found")
    return sorted(found, key=str.lower)


def _is_test(thing: object) -> bool:
    return getattr(thing, "__annotations__", {}).get("return") == "Statistic"


def options(key: str) -> dict[str, inspect.Parameter]:
    """What can be said beyond the study, the window and the alternative."""
    parameters = list(inspect.signature(inference.resolve(key)).parameters.values())[2:]
    return {p.name: p for p in parameters if p.name not in COMMON}


def described(key: str) -> dict[str, Parameter]:
    """The Parameters section of the docstring."""
    return {p.name: p for p in FunctionDoc(inference.resolve(key))["Parameters"]}


def values(key: str, option: str) -> list[Any]:
    """The values of an option, its default first; one alone where they cannot be listed."""
    default, kind = options(key)[option].default, described(key)[option].type
    if default is inspect.Parameter.empty:  # the values that have a name
        return [default, *map(ast.literal_eval, re.findall(r'"\w+"', kind))]
    if kind == "bool":
        return [default, not default]
    listed = re.fullmatch(r"\{(.+)\}", kind)
    if not listed:
        return [default]
    known = [ast.literal_eval(value.strip()) for value in listed[1].split(", ")]
    require(default in known, f"{key}: the default of {option} is not among {kind}")
    return [default, *(value for value in known if value != default)]


def variants(key: str) -> str:
    """All options with their values, as a reader writes them."""
    said = []
    for option, parameter in options(key).items():
        if option in DRAWING:
            continue
        kind = described(key)[option].type
        if parameter.default is inspect.Parameter.empty:
            said.append(f"`{option}`: {kind}")
            continue
        first, *others = [_literal(value) for value in values(key, option)]
        text = f"`{option}={first}`"
        if others:
            text += "".join(f", `{value}`" for value in others)
        elif kind not in {"int", "bool"}:
            text += f": {kind.removesuffix(', optional')}"
        said.append(text)
    if set(DRAWING) & set(options(key)):
        said.append(f"*draws* ({options(key)['draws'].default})")
    return "<br>".join(_cell(text) for text in said)


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


ESTIMATE = re.compile(
    r"""(?:``\w+``\ and\ )?``estimate``(?:\ and\ ``\w+``)?   # what it says: estimate is …
        (?:\ (?:is|are))?\ (?P<is>.+?)
        (?:;|\.$|\.\ |,\ ``(?:df|n)``)                       # to the end of that clause
      | There\ is\ (?P<none>no\ estimate)""",
    re.VERBOSE,
)


def estimate(key: str) -> str:
    """What the Returns section says the estimate is."""
    (returned,) = FunctionDoc(inference.resolve(key))["Returns"]
    text = " ".join(returned.desc)
    found = ESTIMATE.search(text)
    require(bool(found), f"the Returns section of {key} does not say what `estimate` is")
    said = found["is"] or "none"
    return _cell(said.replace("``", "`"))


def law(key: str) -> str:
    """The laws that the test was seen to follow: by default, and with options that change it."""
    usual = seen(key)
    written = re.search(r"~ (N\(0, 1\)|F\([^)]+\)|t_(?:\{[^}]+\}|\w+))", _summary(key))
    text = " or ".join(usual)
    if written and len(usual) == 1:
        text = re.sub(r"t_\{?([^}]+)\}?", r"t(\1)", written[1])
        agree = text.startswith(LAWS[usual[0]])
        require(agree, f"the docstring of {key} writes {text}, it follows {usual[0]}")
    for option in options(key):
        for value in values(key, option)[1:]:
            if (other := seen(key, **{option: value})) != usual:
                text += f"; {' or '.join(other)} with `{option}={_literal(value)}`"
    return _cell(text)


def _summary(key: str) -> str:
    """What the docstring says before its sections."""
    told = FunctionDoc(inference.resolve(key))
    return " ".join([*told["Summary"], *told["Extended Summary"]])


def seen(key: str, **chosen: object) -> list[str]:
    """The laws of the answers that the test gives on the five studies."""
    answers = [ask(key, result, **chosen) for result in studies().values()]
    found = {answer.law for answer in answers if math.isfinite(answer.pvalue)}
    require(bool(found), f"{key} {chosen} gives no number anywhere")
    return sorted(found)


def ask(key: str, result: es.Result, **chosen: object) -> es.Statistic:
    """Ask a test; one that wants weights gets those of the mean."""
    n = len(result.events)
    more: dict[str, Any] = {name: np.full(n, 1 / n) for name in wants(inference.resolve(key))}
    if "draws" in options(key):
        more["draws"] = DRAWS
    return result.test(key, WINDOW, **{**more, **chosen})


def ticks(key: str) -> list[str]:
    """For each structure whether the test is valid there."""
    found = []
    for result in studies().values():
        verdict = inference.valid(result.abnormal, WINDOW)
        if key in verdict.valid:
            found.append("✓")
        elif key in verdict.why:
            found.append("")
        else:
            found.append("○" if math.isfinite(ask(key, result).pvalue) else "")
    return found


def _cell(text: str) -> str:
    """Text that stays inside its cell."""
    return text.replace("|", "\\|")


# ── the page ─────────────────────────────────────────────────────────────────────────────
def page() -> str:
    """The whole page."""
    head = HEAD.format(
        firms=FIRMS,
        places="\n".join(f"{k}. {told(*place)}" for k, place in enumerate(PLACES.items(), 1)),
        columns=" | ".join(str(k + 1) for k in range(len(PLACES))),
        rules="|".join(":-:" for _ in PLACES),
    )
    rows = [
        [f"`{key}`<br>{TESTS[key]}", variants(key), estimate(key), law(key), *ticks(key)]
        for key in keys()
    ]
    return head + "".join(re.sub(r" +", " ", f"| {' | '.join(row)} |\n") for row in rows)


def told(kind: str, place: list[tuple[int, int]]) -> str:
    """One structure in words."""
    events, dates = len(place), len({day for _, day in place})
    counted = f"{events} event{'s' if events > 1 else ''} on {dates} date{'s' if dates > 1 else ''}"
    return f"{kind}: {counted}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
