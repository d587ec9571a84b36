"""From an estimate and its standard error to a `Statistic`, with every note it deserves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic
from eventstudy.inference._laws import ALTERNATIVES, NAN, check, interval, pvalue
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.windows import WindowLike

#: estimation days and events that methods D.0 advises; fewer are said, not refused (M.7)
ADVISED_DAYS = {
    "ts_t": 20,
    "adj_patell": 30,
    "adj_bmp": 30,
    "adj_csect": 30,
    "rank": 20,
    "cumrank_t": 20,
    "rank_cz": 20,
    "grank_t": 20,
    "grank_z": 20,
    "corrado_sign": 20,
    "gen_sign": 20,
    "sq": 60,
    "permutation": 60,
    "placebo_window": 60,
    "boot_residual": 60,
}
ADVISED_EVENTS = {
    **dict.fromkeys(("sign", "gen_sign"), 10),
    **dict.fromkeys(("grank_t", "grank_z", "rank_cz"), 8),
    "wilcoxon": 6,
}
#: residual skewness beyond which one-sided tests do not keep their size (M.23)
SKEWED = 0.5
#: tests that read the shape of the residuals, skewness included, off the days themselves
SHAPED = frozenset({"sq", "permutation", "placebo_window", "boot_residual"})

NO_EVENTS = "no event has a return on the days of this window"
SEVERAL_DATES = "several dates: use dates_csect"
ZERO = "the standard error is zero"
NO_DEVIATION = "an event has no standard deviation"


@dataclass(frozen=True)
class Question:
    """A test that was asked of a sample."""

    name: str
    sample: Sample
    alternative: str

    def lacks(self, events: int = 1) -> str:
        """Why the sample has too few events for a test that needs ``events``; or nothing."""
        if self.sample.n == 0:
            return NO_EVENTS
        if why := self.sample.unkept(self.name):
            return why
        if self.sample.n < events:
            if self.sample.n == 1:
                return "one event only: it compares events"
            return f"{self.sample.n} events only: {self.name} needs {events}"
        return ""

    def nothing(self, why: str, law: str = "t", rbar: float = NAN) -> Statistic:
        """Answer that the test does not apply, and why."""
        return self._statistic((NAN, NAN, NAN), law, NAN, NAN, note=why, rbar=rbar)

    def ratio(
        self,
        estimate: float,
        se: float,
        law: str,
        df: float = NAN,
        *,
        note: str = "",
        rbar: float = NAN,
    ) -> Statistic:
        """``estimate / se`` against the t or the normal law, with its 95 % interval."""
        if not (math.isfinite(estimate) and math.isfinite(se)):
            return self.nothing(NO_DEVIATION, law, rbar)
        if se <= 0:
            return self.nothing(ZERO, law, rbar)
        x = estimate / se
        p = pvalue(law, x, df, self.alternative)
        ci = interval(estimate, se, law, df, self.alternative)
        return self._statistic(
            (estimate, se, x), law, df, p, ci=ci, note=self.notes(note), rbar=rbar
        )

    def scored(
        self,
        estimate: float,
        statistic: float,
        law: str,
        df: float = NAN,
        *,
        se: float = NAN,
        note: str = "",
        rbar: float = NAN,
    ) -> Statistic:
        """Refer a statistic that has no interval to the t or the normal law."""
        p = pvalue(law, statistic, df, self.alternative)
        numbers = (estimate, se, statistic)
        return self._statistic(numbers, law, df, p, note=self.notes(note), rbar=rbar)

    def score(
        self,
        estimate: float,
        statistic: float,
        law: str,
        p: float,
        *,
        se: float = NAN,
        ci: tuple[float, float] = (NAN, NAN),
        note: str = "",
    ) -> Statistic:
        """Answer with a statistic whose p-value comes from another law, found by the test."""
        numbers = (estimate, se, statistic)
        return self._statistic(numbers, law, NAN, p, ci=ci, note=self.notes(note))

    def notes(self, note: str) -> str:
        """``note`` and what methods D.0 and M.23 want said beside a number."""
        s = self.sample
        said = [note] if note else []
        days, _ = s.estimation_days
        if days < (least := ADVISED_DAYS.get(self.name, 0)):
            said.append(f"{days} estimation days; at least {least} are advised")
        if s.n < (least := ADVISED_EVENTS.get(self.name, 0)):
            said.append(f"{s.n} event{'s' if s.n > 1 else ''}; at least {least} are advised")
        one_sided = self.alternative != "two-sided" and self.name not in SHAPED
        if one_sided and abs(skew := s.estimation.skewness) > SKEWED:
            said.append(
                f"residuals are skewed ({skew:+.1f}): one-sided tests do not keep their size"
            )
        return "; ".join(said)

    def _statistic(
        self,
        numbers: tuple[float, float, float],
        law: str,
        df: float,
        p: float,
        *,
        ci: tuple[float, float] = (NAN, NAN),
        note: str = "",
        rbar: float = NAN,
    ) -> Statistic:
        s = self.sample
        if math.isnan(rbar) and s.n > 1 and s.independent:
            rbar = 0.0
        n_eff = 1.0 if s.n == 1 else effective(s.n, rbar)
        return Statistic(
            name=self.name,
            estimate=float(numbers[0]),
            se=float(numbers[1]),
            statistic=float(numbers[2]),
            law=law,
            df=float(df),
            pvalue=float(p),
            ci=(float(ci[0]), float(ci[1])),
            n=s.n,
            n_dates=s.n_dates,
            rbar=float(rbar),
            n_eff=n_eff,
            window=s.window.label,
            note=note,
        )


def effective(n: int, rbar: float) -> float:
    """N / (1 + (N−1) r̄): how many independent events N correlated ones are worth (D.25)."""
    factor = 1.0 + (n - 1) * rbar
    return n / factor if factor > 1e-8 else NAN


def ask(name: str, abnormal: Abnormal, window: WindowLike, alternative: str) -> Question:
    """Check the alternative and find the sample of the window."""
    check("alternative", alternative, ALTERNATIVES)
    return Question(name, sample_of(abnormal, window), alternative)
