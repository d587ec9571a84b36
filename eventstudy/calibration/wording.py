"""The words of a calibration: the head, the leading sentence, the table of sizes, the notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.calibration.rates import HOLDS, OFTEN, RARELY
from eventstudy.inference._answer import SKEWED
from eventstudy.report import name_of_test, percent, text_table, wrap
from eventstudy.report.cells import NOTHING, count
from eventstudy.report.lines import WIDTH
from eventstudy.report.names import joined

if TYPE_CHECKING:
    from eventstudy.calibration.outcome import Calibration, Setting

TITLE = "Calibration"
_LABEL = 10
#: share of the sessions in one draw beyond which the history's own luck shows in the rates
CROWDED = 0.1
_SHORT = {HOLDS: "holds", OFTEN: "too often", RARELY: "too rarely", "": ""}
_TAILS = {"greater": "upper tail", "less": "lower tail"}


def summary(found: Calibration, window: str) -> str:
    """Write everything about one window in 80 columns."""
    setting = found.setting
    head = [line for label, text in _head(setting, window) for line in _labelled(label, text)]
    parts = ["\n".join([TITLE, "=" * len(TITLE), *head])]
    parts.append("\n".join(wrap(" ".join(_sentences(found, window)))))
    table = _sizes(found, window)
    valid = found.size(window)["valid"].reindex(table.index)
    here = f"Valid here ({setting.kind})"
    for title, part in ((here, table[valid]), ("Not valid here", table[~valid])):
        if len(part):
            parts.append(_text(part, f"{title}: % of draws without effect rejected"))
    if len(powers := _powers(found, window)):
        title = "Power of valid tests that hold: % of draws in which an effect is found"
        parts.append(_text(powers, title))
    notes = [*_notes(found, window)]
    return "\n\n".join([*parts, *("\n".join(wrap(f"Note: {n}", WIDTH, "  ")) for n in notes)])


def heading(found: Calibration, window: str) -> str:
    """Title of the picture."""
    s = found.setting
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
    said = []
    if (lead := found.setting.lead) in size.index:
        told = _leading(float(size["two-sided"][lead]), str(size["verdict"][lead]))
        said.append(f"The test that leads on these dates, {name_of_test(lead)}, {told}.")
        if lead in found.trusted(window) and _planted(found):
            said.append(_found(found, window, lead))
    often = size[size["verdict"] == OFTEN].sort_values("two-sided", ascending=False)
    if len(often):
        named = [f"{name} ({_share(r)} %)" for name, r in often["two-sided"].items()]
        said.append(f"Without any effect these reject more often than the 5 % they promise: "
                    f"{joined(named)}.")  # fmt: skip
    return said or ["No test gives a number on these dates."]


def _found(found: Calibration, window: str, test: str) -> str:
    """Say which effect a test finds in four draws out of five, or how often the largest."""
    effect = found.detectable[window, test]
    if math.isfinite(effect):
        return f"It finds an effect of {_effect(found, effect)} in 80 % of the draws."
    power = found.power(window).loc[test]
    most = max(power.index, key=abs)
    return (
        f"It finds the largest effect planted, {_written(most)}, in {_share(power[most])} % of the "
        f"draws: only a larger one would be found in 80 %."
    )


def _leading(share: float, said: str) -> str:
    rate = f"it rejects in {_share(share)} % of the draws without an effect"
    said = {HOLDS: "holds", OFTEN: "does not hold", RARELY: "is too strict"}[said]
    return f"{said} at 5 %: {rate}"


def _text(table: pd.DataFrame, title: str) -> str:
    """Write shares of draws as percentages without their sign."""
    shares = dict.fromkeys(table.select_dtypes("number").columns, _share)
    return text_table(table, title=title, formats=shares)


def _sizes(found: Calibration, window: str) -> pd.DataFrame:
    """Test → percent of draws rejected at each level and of each tail, and the verdict."""
    size = _leading_first(found, found.size(window).dropna(subset="two-sided"))
    made = {
        f"{100 * level:g} %": found.size(window, level=level)["two-sided"].reindex(size.index)
        for level in sorted(found.table["level"].unique())
    }
    made |= {"upper": size["greater"], "lower": size["less"]}
    table = pd.DataFrame(made)
    return table.assign(verdict=[_verdict(found, window, str(test)) for test in size.index])


def _powers(found: Calibration, window: str) -> pd.DataFrame:
    """Test × effect: percent of draws, and the effect found in 80 % of them."""
    power = found.power(window).loc[found.trusted(window)]
    if not _planted(found) or power.empty:
        return pd.DataFrame()
    table = _leading_first(found, power)
    table.columns = pd.Index([_written(e) for e in power.columns.to_numpy(dtype=float).tolist()])
    return table.assign(
        **{"80 % at": [_effect(found, found.detectable[window, t]) for t in table.index]}
    )


def _leading_first(found: Calibration, table: pd.DataFrame) -> pd.DataFrame:
    lead = found.setting.lead
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
    s = found.setting
    low, high = (_share(x) for x in found.band())
    first = (
        f"Columns 1 %, 5 % … are two-sided; upper and lower are the one-sided tests at 5 %. "
        f"A test holds between {low} and {high} %: four Monte-Carlo errors of {count(s.draws)} "
        f"draws around 5 %."
    )
    notes = [first]
    if _planted(found):
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


def _planted(found: Calibration) -> bool:
    return bool((found.table["effect"] != 0.0).any())


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


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = wrap(text, WIDTH - _LABEL)
    return [f"{label:<{_LABEL}}{first}", *[" " * _LABEL + line for line in rest]]
