"""The process that measures what tables cost; `benchmarks/tables.py` starts it."""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import bench, machine
from benchmarks.cases import CAR, SPECS, Case, build
from benchmarks.ways import tested, typed
from eventstudy import engine
from eventstudy.align import Placed, add_reasons, inputs, ledger, left_out, place
from eventstudy.arrays import Losses
from eventstudy.events import Checked, checked
from eventstudy.result import Result

LAYER = ("check", "place", "finish", "caar")
#: stages that depend on the form of the events
FORM = ("check", "place", "ledger")
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
    cells = "".join(f"{found.best[stage] * 1e3:>10.2f}" for stage in FORM)
    return f"  {name:<28}{found.events:>10,}{cells}"


def main() -> None:
    """Measure sizes, then forms, and print them as they are done."""
    chosen = options()
    described = machine.describe(os.environ.get(bench.DROPPED, ""))
    print(f"{described['cpu']}, load {machine.load()}; processor milliseconds, best of rounds")
    sizes = [of_size(events, chosen.seed) for events in chosen.sizes]
    found = told_sizes(sizes, chosen.rounds)
    shapes = told_forms(of_size(chosen.forms, chosen.seed), chosen) if chosen.forms else {}
    if chosen.json:
        everything = {
            "machine": described | {"load_at_end": machine.load()},
            "sizes": [{"events": stages.events, **stages.best} for stages in found],
            "forms": {name: {"events": s.events, **s.best} for name, s in shapes.items()},
        }
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


def options() -> argparse.Namespace:
    """Read the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="tables.py", description="What tables cost beside the work on arrays."
    )
    parser.add_argument("--sizes", default="130,100000,1000000", help="events, by commas")
    parser.add_argument("--forms", type=int, default=100_000, help="events of the forms; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    chosen = parser.parse_args()
    chosen.sizes = [int(size) for size in chosen.sizes.split(",") if size]
    return chosen


def told_sizes(cases: list[Case], rounds: int) -> list[Stages]:
    """Measure and print studies of several sizes."""
    heads = "".join(f"{head:>10}" for head in (*LAYER, "layer", "arrays", "typed"))
    print(f"{'events':>10}{heads}{'share':>9}")
    found = []
    for case in cases:
        found.append(measure(Stages(case.spec.events), stages_of(case), rounds))
        print(size_row(found[-1]), flush=True)
    print(f"share: layer / arrays; the bar for 100,000 events is {BAR:.0%}, the aim {AIM:.0%}")
    return found


def told_forms(case: Case, chosen: argparse.Namespace) -> dict[str, Stages]:
    """Measure and print the same events in several forms."""
    heads = "".join(f"{head:>10}" for head in FORM)
    print(f"\n  {'form':<28}{'events':>10}{heads}")
    found = {}
    for name, events in forms(case, chosen.seed).items():
        found[name] = measure(Stages(len(events)), form_stages(events, case), chosen.rounds)
        print(form_row(name, found[name]), flush=True)
    return found


if __name__ == "__main__":
    main()
