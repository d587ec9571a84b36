"""The words of a calibration: the head, the leading sentence, the table of sizes, the notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.calibration.plan import LEVEL
from eventstudy.calibration.rates import HOLDS, OFTEN, RARELY
from eventstudy.inference._answer import SKEWED
from eventstudy.inference.validity import JUDGED
from eventstudy.report import Page, name_of_test, percent
from eventstudy.report.cells import NOTHING, count
from eventstudy.report.names import joined
from eventstudy.report.tables import Formats
from eventstudy.windows import as_window

if TYPE_CHECKING:
    from eventstudy.calibration.outcome import Calibration, Setting

TITLE = "Calibration"
#: draws below which nobody can say that a test holds
ENOUGH = 100
#: share of the sessions in one draw beyond which the history's own luck shows in the rates
CROWDED = 0.1
_SHORT = {HOLDS: "holds", OFTEN: "too often", RARELY: "too rarely", "": ""}
_TAILS = {"greater": "upper tail", "less": "lower tail"}


def page(found: Calibration, window: str) -> Page:
    """Everything about one window."""
    setting = found.settings[window]
    tables = _sizes(found, window)
    parts = [(f"{title}: % of draws without effect rejected", t) for title, t in tables if len(t)]
    if len(powers := _powers(found, window)):
        which = "valid tests" if powers.index.isin(JUDGED).all() else "tests"
        parts.append(
            (f"Power of {which} that hold: % of draws in which an effect is found", powers)
        )
    return Page(
        title=TITLE,
        facts=_head(setting, window),
        lead=" ".join(_sentences(found, window)),
        tables=[(title, table, _shares(table)) for title, table in parts],
        notes=_notes(found, window),
    )


def heading(found: Calibration, window: str) -> str:
    """Title of the picture."""
    s = found.settings[window]
    sample = f"{_many(s.events, 'event')}, {_many(s.firms, 'firm')}, {_many(s.dates, 'date')}"
    return f"Size and power over {window}: {sample}, {count(s.draws)} placebo draws"


def _head(s: Setting, window: str) -> list[tuple[str, str]]:
    within = f", each within its {_part(s.strata)} of the market's volatility" if s.strata else ""
    alone = "dates" if s.chains == s.dates else f"{_many(s.chains, 'chain')} of dates"
    drawn = f"{count(s.draws)} draws of {alone} among {_many(s.sessions, 'session')} without news"
    if s.chains == 1:
        some = s.draws < s.sessions
        drawn = f"{count(s.draws)} of" if some else "each of"
        drawn += f" {_many(s.sessions, 'session')} without news, {'each ' if some else ''}once"
    sample = f"{_many(s.firms, 'firm')} on {_many(s.dates, 'date')}"
    rows = [
        ("Model", f"{s.model}, estimation {s.estimation}, event window {s.window}"),
        ("Events", f"{_many(s.events, 'event')}: {sample}, {s.kind}"),
        ("Worth", _worth(s)),
        ("Placebos", drawn + within),
        ("Tested", f"{window}, effects planted on day {s.day}"),
        ("Prices", s.source),
    ]
    return [(label, text) for label, text in rows if text]


def _worth(s: Setting) -> str:
    if math.isnan(s.n_eff) or s.events < 2:
        return ""
    worth = min(s.n_eff, s.events)
    return f"about {worth:.1f} independent events (mean correlation of residuals {s.rbar:.2f})"


def _part(strata: int) -> str:
    return {2: "half", 3: "tercile", 4: "quartile", 5: "quintile"}.get(strata, f"{strata}th")


def _sentences(found: Calibration, window: str) -> list[str]:
    """Say whether the leading test holds, what it finds, and which tests reject too often."""
    size = found.size(window).dropna(subset="two-sided")
    said, setting = [], found.settings[window]
    if (lead := setting.lead) in size.index:
        rate, verdict = float(size["two-sided"][lead]), str(size["verdict"][lead])
        told = _leading(rate, verdict, int(size["draws"][lead]))
        said.append(f"The test that leads on these dates, {name_of_test(lead)}, {told}.")
        if lead in found.trusted(window) and _planted(found, window):
            said.append(_found(found, window, lead))
    often = size[size["verdict"] == OFTEN].sort_values("two-sided", ascending=False)
    if len(often):
        named = [f"{name} ({_share(r)} %)" for name, r in often["two-sided"].items()]
        said.append(f"Without any effect these reject more often than the 5 % they promise: "
                    f"{joined(named)}.")  # fmt: skip
    if not len(size):
        return ["No test gives a number on these dates."]
    return said or ["None of these tests rejects more often than the 5 % it promises."]


def _found(found: Calibration, window: str, test: str) -> str:
    """Say which effect a test finds in four draws out of five, or how often the largest."""
    effect = found.detectable[window, test]
    if math.isfinite(effect):
        return f"It finds an effect of {_effect(found, effect)} in 80 % of the draws."
    power = found.power(window).loc[test]
    effects = power.index.to_numpy(dtype=float).tolist()
    most = max(effects) if max(effects) > 0 else min(effects)  # the side of `detectable`
    return (
        f"It finds the largest effect planted, {_written(most)}, in {_share(power[most])} % of the "
        f"draws: only a larger one would be found in 80 %."
    )


def _leading(share: float, said: str, draws: int) -> str:
    rate = f"it rejects in {_share(share)} % of the draws without an effect"
    doubt = draws < ENOUGH or abs(share - LEVEL) > 2.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / draws)
    if said == HOLDS and doubt:
        return f"cannot be told from 5 % by {_many(draws, 'draw')}: {rate}"
    said = {HOLDS: "holds", OFTEN: "does not hold", RARELY: "is too strict"}[said]
    return f"{said} at 5 %: {rate}"


def _shares(table: pd.DataFrame) -> Formats:
    """Write shares of draws as percentages without their sign."""
    return dict.fromkeys(table.select_dtypes("number").columns, _share)


def _sizes(found: Calibration, window: str) -> list[tuple[str, pd.DataFrame]]:
    """Test → percent of draws rejected at each level and of each tail, and the verdict.

    One table for the tests that are valid, for those of the user, for those that are not valid.
    """
    size = _leading_first(found, window, found.size(window).dropna(subset="two-sided"))
    made = {
        f"{100 * level:g} %": found.size(window, level=level)["two-sided"].reindex(size.index)
        for level in sorted(found.table["level"].unique())
    }
    made |= {"upper": size["greater"], "lower": size["less"]}
    table = pd.DataFrame(made)
    table = table.assign(verdict=[_verdict(found, window, str(test)) for test in size.index])
    valid, own = size["valid"].to_numpy(dtype=bool), ~size.index.isin(JUDGED)
    here = f"Valid here ({found.settings[window].kind})"
    parts = ((here, valid), ("Of your own", own & ~valid), ("Not valid here", ~valid & ~own))
    return [(title, table[which]) for title, which in parts]


def _powers(found: Calibration, window: str) -> pd.DataFrame:
    """Test × effect: percent of draws, and the effect found in 80 % of them."""
    power = found.power(window).loc[found.trusted(window)]
    if not _planted(found, window) or power.empty:
        return pd.DataFrame()
    table = _leading_first(found, window, power)
    table.columns = pd.Index([_written(e) for e in power.columns.to_numpy(dtype=float).tolist()])
    return table.assign(
        **{"80 % at": [_effect(found, found.detectable[window, t]) for t in table.index]}
    )


def _leading_first(found: Calibration, window: str, table: pd.DataFrame) -> pd.DataFrame:
    lead = found.settings[window].lead
    return table.loc[sorted(table.index, key=lambda test: test != lead)]


def _verdict(found: Calibration, window: str, test: str) -> str:
    """Say the two-sided verdict, and that of a tail where it is another."""
    row = found.verdict.loc[window].loc[test].to_dict()
    said = row["two-sided"]
    tails = [
        f"{name} {_SHORT[row[side]]}"
        for side, name in _TAILS.items()
        if row[side] not in {said, HOLDS, ""}
    ]
    return "; ".join([_SHORT[said], *tails])


def _notes(found: Calibration, window: str) -> list[str]:
    s = found.settings[window]
    low, high = (_share(x) for x in found.band())
    first = (
        f"Columns 1 %, 5 % … are two-sided; upper and lower are the one-sided tests at 5 %. "
        f"A test holds between {low} and {high} %: four Monte-Carlo errors of {count(s.draws)} "
        f"draws around 5 %."
    )
    notes = [first]
    if not _seen(s.day, window):
        notes.append(f"Effects are planted on day {s.day}, which {window} does not hold: the power "
                     f"there says nothing.")  # fmt: skip
    elif _planted(found, window):
        notes.append("Power is of the two-sided test at 5 %; between planted effects it is taken "
                     "as a straight line.")  # fmt: skip
    if abs(s.skewness) > SKEWED:
        notes.append(f"The residuals are skewed (median {s.skewness:+.1f}): two-sided rates hold "
                     f"roughly, those of one tail do not; look at upper and lower before a "
                     f"one-sided test is used.")  # fmt: skip
    if s.dates > CROWDED * s.sessions:
        notes.append(
            f"A draw takes {s.dates} of {_many(s.sessions, 'session')}, so all draws share the "
            f"luck of this history: rates may lie further from 5 % than Monte-Carlo errors say, "
            f"the two tails in opposite directions."
        )
    if s.left_out:
        notes.append(f"{_many(len(s.left_out), 'event')} without enough sessions to choose from "
                     f"left out: {joined(s.left_out[:5])}"
                     f"{' …' if len(s.left_out) > 5 else ''}.")  # fmt: skip
    silent = [f"{test} ({why})" for (w, test), why in found.silent.items() if w == window]
    if silent:
        notes.append(f"No number in some or all draws: {'; '.join(silent)}.")
    return [*notes, s.limit] if s.limit else notes


def _planted(found: Calibration, window: str) -> bool:
    """Whether there is an effect that the window can find."""
    planted = bool((found.table["effect"] != 0.0).any())
    return planted and _seen(found.settings[window].day, window)


def _seen(day: int, window: str) -> bool:
    w = as_window(window)
    return w.first <= day <= w.last


def _effect(found: Calibration, effect: float) -> str:
    if math.isnan(effect):
        return NOTHING
    if math.isinf(effect):
        return f"> {100 * found.table['effect'].abs().max():g} %"
    return percent(effect).lstrip("+")


def _written(effect: float) -> str:
    """Write a planted effect as it was given: as many digits as it has."""
    return f"{100 * effect:+g} %" if effect else "0 %"


def _share(rate: float) -> str:
    return NOTHING if math.isnan(rate) else f"{100 * rate:.1f}"


def _many(n: int, noun: str) -> str:
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"
