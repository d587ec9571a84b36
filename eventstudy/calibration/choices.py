"""Which choices a study could have made as well, and every combination of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy import errors
from eventstudy.calibration.plan import hull
from eventstudy.inference._resampling import Rng
from eventstudy.one_line import about, many
from eventstudy.panel import Panel
from eventstudy.result.findings import model_name
from eventstudy.windows import Window, WindowLike, as_intervals, as_window

if TYPE_CHECKING:
    from eventstudy.calibration.curve import Curve
    from eventstudy.study import EventStudy

#: specifications beyond which a picture and a table tell nothing
MOST = 500


@dataclass(frozen=True)
class Specification:
    """One combination of choices: a study, and the windows it is asked about."""

    study: EventStudy
    #: what was chosen, as it is called in the table
    labels: dict[str, str]


@dataclass(frozen=True)
class Variations:
    """A study under every reasonable choice; ``run`` gives the specification curve."""

    study: EventStudy
    #: field of `EventStudy` → its values
    choices: Mapping[str, tuple[Any, ...]]
    #: the windows W that are asked about
    windows: tuple[Window, ...]

    @classmethod
    def of(
        cls,
        study: EventStudy,
        window: Sequence[WindowLike] | None,
        choices: Mapping[str, Sequence[Any] | None],
    ) -> Variations:
        """Read the choices; the event window of the study is widened to hold every window."""
        for name, values in {"window": window, **choices}.items():
            if isinstance(values, str) or not isinstance(values, Sequence | None):
                raise errors.choices_not_a_list(name, values)
            if values is not None and not len(values):
                raise errors.choices_not_a_list(name, values)
        asked = [as_window(0)] if window is None else [as_window(w) for w in window]
        wide = hull([study.windows.event, *asked])
        varied = {name: tuple(values) for name, values in choices.items() if values is not None}
        found = cls(replace(study, window=wide), varied, tuple(dict.fromkeys(asked)))
        if len(found) > MOST:
            raise errors.too_many_specifications(len(found), MOST)
        list(found._studies())  # refuses a choice that no study can have
        return found

    def __len__(self) -> int:
        """Count the specifications."""
        total = len(self.windows)
        for values in self.choices.values():
            total *= len(values)
        return total

    def __repr__(self) -> str:
        parts = [f"{len(values)} × {name}" for name, values in self.choices.items()]
        made = ", ".join([*parts, f"{len(self.windows)} × window"])
        return about(self, f"{many(len(self), 'specification')}: {made}")

    def _studies(self) -> Iterator[tuple[EventStudy, dict[str, int]]]:
        """Every study, and which value of each choice it has."""
        for places in product(*(range(len(values)) for values in self.choices.values())):
            at = dict(zip(self.choices, places, strict=True))
            chosen = {field: self.choices[field][k] for field, k in at.items()}
            yield replace(self.study, **chosen), at

    def specifications(self, panel: Panel) -> list[Specification]:
        """Every combination, with the names of its choices; windows are asked of each."""
        names = {field: _labels(field, values, panel) for field, values in self.choices.items()}
        found = []
        for study, at in self._studies():
            labels = {
                "model": model_name(study.model, panel),
                "estimation": study.windows.label,
            }
            labels |= {field: names[field][k] for field, k in at.items()}
            found.append(Specification(study, labels))
        return found

    def run(
        self,
        events: pd.DataFrame,
        panel: Panel,
        *,
        draws: int = 199,
        strata: int | None = None,
        rng: Rng = 0,
    ) -> Curve:
        """Ask the same question in every specification, and of placebo dates together.

        Parameters
        ----------
        events, panel
            As for `EventStudy.run`.
        draws : int, default 199
            Joint placebo dates for the p-value of the whole curve; 0 draws none.
        strata : int, optional
            As for `EventStudy.calibrate`.
        rng : int or Generator, default 0
            A seed, or where the random numbers come from.

        Returns
        -------
        Curve
            ``table``, ``joint``, ``sentence()``, ``summary()``, ``plot()``.
        """
        from eventstudy.calibration.curve import draw_curve

        return draw_curve(self, events, panel, draws=draws, strata=strata, rng=rng)


def _labels(field: str, values: Sequence[Any], panel: Panel) -> list[str]:
    """Names of the values of one choice, all different."""
    if field == "model":
        found = [model_name(value, panel) for value in values]
        found = [_further(name, k, found, values) for k, name in enumerate(found)]
    elif field == "estimation":
        found = [_intervals(value) for value in values]
    else:
        found = ["default" if value is None else str(value) for value in values]
    if len(set(found)) < len(found):
        raise errors.choice_twice(field, next(x for x in found if found.count(x) > 1))
    return found


def _further(name: str, k: int, names: Sequence[str], models: Sequence[Any]) -> str:
    """Tell model ``k`` from others of the same name: by the options that differ, or by number."""
    same = [model for model, other in zip(models, names, strict=True) if other == name]
    if len(same) == 1:
        return name
    if all(map(is_dataclass, same)):
        differ = [
            f.name
            for f in fields(models[k])
            if len({repr(getattr(model, f.name, None)) for model in same}) > 1
        ]
        return ", ".join([name, *(f"{field}={getattr(models[k], field)!r}" for field in differ)])
    number = next(n for n, model in enumerate(same, start=1) if model is models[k])
    return f"{name}, no. {number}"


def _intervals(value: Any) -> str:  # noqa: ANN401  (a window, or several)
    parts = as_intervals(value)
    return parts.label if isinstance(parts, Window) else " and ".join(w.label for w in parts)
