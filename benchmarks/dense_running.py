"""The process that scans all windows; `benchmarks/dense.py` starts it."""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import CAR, FACTORS, WINDOWS, Arrays, Spec, as_inputs, simulate
from benchmarks.ways import ols_loop, prebuilt
from eventstudy import engine
from eventstudy.arrays import Placement, Windows
from eventstudy.rolling import Rolling, every_window

#: events of the loop over OLS, windows compared with the engine, and how near they must be
LOOPED, COMPARED, NEAR = 400, 20_000, 1e-10
HEAD = f"{'tickers × sessions':<22}{'factors':>8}{'missing':>8}{'M win/s':>9}{'ns':>8}{'× OLS':>8}"
NOTES = """\
CAR, SCAR and σ of every window that has an estimate, from nothing cached; processor time, best of
the rounds. × OLS: against a loop over statsmodels in the same rounds. Missing: of all returns; with
1 % of them nine windows in ten lack a day. The wide panel is measured on a share of its tickers,
all dates of it."""


@dataclass(frozen=True)
class Size:
    """A panel: how many tickers it stands for, how many are measured."""

    tickers: int
    sessions: int
    factors: int
    missing: float = 0.0
    measured: int = 3000


SIZES = (
    Size(3000, 2500, 1),
    Size(3000, 2500, 5),
    Size(3000, 2500, 1, missing=0.001),
    Size(3000, 2500, 1, missing=0.01),
    Size(3000, 2500, 1, missing=0.1),
    Size(3000, 2500, 5, missing=0.01),
    Size(10_000, 7500, 1, measured=640),
    Size(10_000, 7500, 5, measured=640),
)


def measure(rounds: int = 3, seed: int = 0, tickers: int | None = None) -> dict[str, object]:
    """Measure every size; ``tickers`` measures fewer, for a look."""
    rows = []
    for size in SIZES:
        firms = min(size.measured, tickers or size.measured)
        spec = Spec("dense", "", firms, LOOPED, 0, size.factors, size.missing, size.sessions)
        returns, factors = simulate(firms, size.missing, seed, size.sessions)
        case = Arrays(spec, as_inputs(spec, returns, factors), _drawn(spec, seed))
        loop = prebuilt(case, np.arange(LOOPED))
        error = _error(case, seed)
        scans, loops = [], []
        for _ in range(rounds):
            loops.append(_seconds(lambda: ols_loop(loop)) / LOOPED)  # noqa: B023  (called at once)
            scans.append(_seconds(lambda: _scan(case)))  # noqa: B023  (called at once)
        tracemalloc.start()
        found = _scan(case)
        peak, outputs = tracemalloc.get_traced_memory()[1], _bytes(found)
        tracemalloc.stop()
        each = min(scans) / int(np.isfinite(found.sigma).sum())
        row = {
            "tickers": size.tickers,
            "sessions": size.sessions,
            "factors": size.factors,
            "missing": size.missing,
            "measured": firms,
            "ns": each * 1e9,
            "rate": 1.0 / each,
            "ratio": min(loops) / each,
            "redone": found.redone,
            "beyond_outputs": peak - outputs,
            "error": error,
        }
        rows.append(row)
    return {"rows": rows, "rounds": rounds, "seed": seed, "factors": FACTORS[:5]}


def _scan(case: Arrays) -> Rolling:
    return every_window(case.spec.model, case.inputs, WINDOWS, [CAR])


def _drawn(spec: Spec, seed: int) -> Placement:
    """Events whose windows lie inside the data."""
    rng = np.random.default_rng(seed)
    firm = rng.integers(0, spec.tickers, COMPARED)
    row = rng.integers(-WINDOWS.first, spec.sessions - WINDOWS.event.last, COMPARED)
    return Placement(firm, row, np.arange(COMPARED))


def _error(case: Arrays, seed: int) -> float:
    """Largest deviation from the engine; ends the run if it is too large."""
    found, placed = _scan(case), _drawn(case.spec, seed)
    windows = Windows(WINDOWS.estimation, CAR)
    outcome = engine.run(case.spec.model, case.inputs, placed, windows)
    good = outcome.reason == 0
    abnormal, at = outcome.abnormal.take(good), (placed.firm[good], placed.row[good])
    pairs = (
        (found.sigma[at], abnormal.sigma),
        (found.car[0][at], abnormal.car(CAR)),
        (found.scar[0][at], abnormal.scar(CAR)),
    )
    error = max(float(np.nanmax(np.abs(a - b) / np.maximum(1.0, np.abs(b)))) for a, b in pairs)
    gaps = any((np.isnan(a) != np.isnan(b)).any() for a, b in pairs)
    if gaps or not error <= NEAR:
        raise SystemExit(f"The scan is {error:.1e} off the engine; nothing is timed until it is.")
    return error


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _bytes(found: Rolling) -> int:
    return sum(a.nbytes for a in (found.car, found.scar, found.sigma, found.n_obs))


def said(found: dict[str, object]) -> str:
    """The table that people read."""
    lines = [HEAD, "-" * len(HEAD)]
    rows = found["rows"]
    assert isinstance(rows, list)
    for row in rows:
        size = f"{row['tickers']:,} × {row['sessions']:,}"
        lines.append(
            f"{size:<22}{row['factors']:>8}{row['missing']:>8.1%}{row['rate'] / 1e6:>9.1f}"
            f"{row['ns']:>8.0f}{row['ratio']:>8,.0f}"
        )
    worst = max(row["error"] for row in rows)
    memory = max(row["beyond_outputs"] for row in rows) / 1e6
    lines.append(f"\nAgainst the engine: {worst:.0e} at most. Beyond outputs: {memory:.0f} MB.")
    return "\n".join([*lines, NOTES])


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write the numbers."""
    parser = argparse.ArgumentParser(prog="dense.py", description="Every window of every security.")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each size (3)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated data")
    parser.add_argument("--tickers", type=int, help="measure no more of them, for a look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number there, too")
    chosen = parser.parse_args(arguments)
    found = measure(chosen.rounds, chosen.seed, chosen.tickers)
    print(said(found))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
