"""What tables cost beside the work on arrays: stage by stage, size by size, form by form.

    python benchmarks/tables.py [--events 130,100000,1000000] [--rounds N] [--seed N] [--json FILE]

Processor milliseconds of one core, the best of the rounds; every stage runs once a round, in turn
with the others. The array work is the engine and the tests of `result.caar`; the table layer is
everything else that ``study.run(events, panel).caar(window)`` does, from DataFrames:

    check     the events table is read, checked and named (`check_events`)
    place     day 0 of every event (`align.place`)
    finish    inputs of the model, reasons, ledger, and the `Result`
    caar      one row a window, with the answers of the tests at hand

The forms are those in which 100,000 events may come: how text and dates are stored, with ids of
their own, sorted, or half of them to be dropped.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import machine
from benchmarks.cases import CAR, SPECS, Case, build
from benchmarks.ways import tested, typed
from eventstudy import engine
from eventstudy.align import Placed, add_reasons, inputs, ledger, left_out, place
from eventstudy.arrays import Losses
from eventstudy.events import Checked, checked
from eventstudy.result import Result

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
LAYER = ("check", "place", "finish", "caar")
#: short stages are repeated within a round until they last this long (seconds)
LEAST = 0.02
#: what the issue asks of the layer, as a share of the array work: the bar, and the aim
BAR, AIM = 0.60, 0.25


@dataclass
class Stages:
    """Best processor seconds of each stage."""

    events: int
    best: dict[str, float] = field(default_factory=dict)

    @property
    def layer(self) -> float:
        """Seconds of all stages of the table layer."""
        return sum(self.best[name] for name in LAYER)


def measure(found: Stages, stages: dict[str, Callable[[], object]], rounds: int) -> Stages:
    """Run every stage once a round and keep the best of each."""
    repeats = {name: 1 + int(LEAST / (_seconds(run, 1) + 1e-9)) for name, run in stages.items()}
    for _ in range(rounds):
        for name, run in stages.items():
            taken = _seconds(run, repeats[name])
            found.best[name] = min(taken, found.best.get(name, taken))
    return found


def _seconds(run: Callable[[], object], repeat: int) -> float:
    gc.collect()
    start = time.process_time()
    for _ in range(repeat):
        run()
    return (time.process_time() - start) / repeat


# ── sizes ────────────────────────────────────────────────────────────────────────────────
def of_size(events: int, seed: int) -> Case:
    """130 events are the miners' study; more are drawn from 3,000 tickers × 2,500 sessions."""
    small = SPECS["a"]
    return build(small if events == small.events else replace(SPECS["b"], events=events), seed)


def stages_of(case: Case) -> dict[str, Callable[[], object]]:
    """Every stage of one study, each with what it needs ready."""
    study, panel, events = case.study, case.panel, case.events
    known = checked(events)
    placed = place(known, panel, study.windows, study.timing)
    at = placed.placement
    seen = inputs(study.model, panel, at, study.windows)
    outcome = engine.run(study.model, seen, at, study.windows)
    losses = Losses(outcome.reason, outcome.abnormal.n_obs.astype(np.int64), outcome.min_obs)
    answered = study.run(events, panel)
    answered.caar(CAR)

    def finish() -> Result:
        seen = inputs(study.model, panel, at, study.windows)
        full: Placed = add_reasons(placed, panel, study.windows, losses, seen)
        return Result(
            study=study,
            panel=panel,
            events=known.table,
            dropped=ledger(known.table, full),
            abnormal=outcome.abnormal,
            left_out=left_out(seen, at, study.windows),
        )

    return {
        "check": lambda: checked(events),
        "place": lambda: place(known, panel, study.windows, study.timing),
        "finish": finish,
        "caar": lambda: answered.caar(CAR),
        "arrays": lambda: tested(case),
        "typed": lambda: typed(case),
    }


# ── forms ────────────────────────────────────────────────────────────────────────────────
def forms(case: Case, seed: int) -> dict[str, pd.DataFrame]:
    """The same events in every form that is measured."""
    plain, rng = case.events, np.random.default_rng(seed)
    days = pd.Series(pd.DatetimeIndex(plain["date"]).date)
    text = days.astype(str)
    named = pd.Series("event " + pd.Series(np.arange(len(plain))).astype(str))
    strange = plain["ticker"].where(rng.random(len(plain)) < 0.5, "NOT THERE")
    return {
        "text in pandas' own type": plain,
        "tickers as objects": plain.assign(ticker=plain["ticker"].astype(object)),
        "tickers as categories": plain.assign(ticker=plain["ticker"].astype("category")),
        "dates in nanoseconds": plain.assign(date=plain["date"].astype("datetime64[ns]")),
        "dates as text": plain.assign(date=text),
        "dates as numbers": plain.assign(date=text.str.replace("-", "").astype(int)),
        "dates as objects": plain.assign(date=days.astype(object)),
        "sessions given": plain.assign(session=rng.choice(["bmo", "amc"], len(plain))),
        "ids given": plain.assign(event_id=named),
        "ids given as numbers": plain.assign(event_id=rng.permutation(len(plain))),
        "checked before": checked(plain).table,
        "sorted": plain.sort_values(["date", "ticker"], ignore_index=True),
        "each event twice": pd.concat([plain[::2], plain[::2]], ignore_index=True),
        "half of them unknown": plain.assign(ticker=strange),
    }


def form_stages(events: pd.DataFrame, case: Case) -> dict[str, Callable[[], object]]:
    """What depends on the form: reading, placing, and writing down what was dropped."""
    study, panel = case.study, case.panel
    known: Checked = checked(events)
    placed = place(known, panel, study.windows, study.timing)
    return {
        "check": lambda: checked(events),
        "place": lambda: place(known, panel, study.windows, study.timing),
        "ledger": lambda: ledger(known.table, placed),
    }


# ── what is printed ──────────────────────────────────────────────────────────────────────
def size_row(found: Stages) -> str:
    """One size: every stage, and the layer's share of the array work."""
    cells = "".join(f"{found.best[name] * 1e3:>10.2f}" for name in LAYER)
    share = found.layer / found.best["arrays"]
    return (
        f"{found.events:>10,}{cells}{found.layer * 1e3:>10.2f}{found.best['arrays'] * 1e3:>10.1f}"
        f"{found.best['typed'] * 1e3:>10.1f}{share:>9.0%}"
    ).replace("%", " %")


def form_row(name: str, found: Stages) -> str:
    """One form."""
    cells = "".join(f"{found.best[stage] * 1e3:>10.2f}" for stage in ("check", "place", "ledger"))
    return f"  {name:<28}{found.events:>10,}{cells}"


def main() -> int:
    """Measure sizes, then forms, and print them as they are done."""
    parser = argparse.ArgumentParser(description="What tables cost beside the work on arrays.")
    parser.add_argument("--events", default="130,100000,1000000", help="sizes, by commas")
    parser.add_argument("--forms", type=int, default=100_000, help="events of the forms; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    chosen = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREADS):  # BLAS reads them when it is loaded
        one = {**os.environ, **dict.fromkeys(THREADS, "1")}
        command = [sys.executable, "-P", "-m", "benchmarks.tables", *sys.argv[1:]]
        return subprocess.run(command, env=one, check=False).returncode  # noqa: S603  (ourselves)
    described = machine.describe("")
    print(f"{described['cpu']}, load {machine.load()}; processor milliseconds, best of rounds")
    heads = (*LAYER, "layer", "arrays", "typed", "share")
    print(f"{'events':>10}" + "".join(f"{head:>{9 if head == 'share' else 10}}" for head in heads))
    sizes, shapes = [], {}
    for events in (int(text) for text in chosen.events.split(",") if text):
        case = of_size(events, chosen.seed)
        sizes.append(measure(Stages(events), stages_of(case), chosen.rounds))
        print(size_row(sizes[-1]), flush=True)
    print(f"share: layer / arrays; the bar for 100,000 events is {BAR:.0%}, the aim {AIM:.0%}")
    if chosen.forms:
        case = of_size(chosen.forms, chosen.seed)
        print(f"\n  {'form':<28}{'events':>10}{'check':>10}{'place':>10}{'ledger':>10}")
        for name, events_ in forms(case, chosen.seed).items():
            stages = form_stages(events_, case)
            shapes[name] = measure(Stages(len(events_)), stages, chosen.rounds)
            print(form_row(name, shapes[name]), flush=True)
    if chosen.json:
        everything = {
            "machine": described,
            "sizes": [{"events": s.events, **s.best} for s in sizes],
            "forms": {name: {"events": s.events, **s.best} for name, s in shapes.items()},
        }
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
