"""How long a calibration takes: 1,000 draws of 12 miners on 20 dates, all tests, three effects.

``python benchmarks/calibration.py [--draws N]`` runs it on one core and the simulated sample, and
prints processor and wall seconds, where they went, and the slowest tests. The bar is 60 seconds.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import time

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy import inference

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FIRMS, DATES, BAR = 12, 20, 60.0


def sample() -> tuple[es.EventStudy, pd.DataFrame, es.Panel]:
    """The last reports of Nvidia and the hyperscalers, once a miner, on simulated prices."""
    miners = [ticker for ticker in es.universe.MINERS if ticker != "GLXY"][:FIRMS]
    events = es.catalysts.expand(es.catalysts.load(), miners)
    events = events[events["category"].isin(["nvidia", "earnings"])]
    study = es.EventStudy()
    panel = study.load(events, es.loaders.sample, market="SPY")
    kept = study.run(events, panel)
    last = np.unique(kept.abnormal.row)[-DATES:]
    return study, kept.where(np.isin(kept.abnormal.row, last)).events, panel


def main() -> int:
    """Time a calibration, then profile a tenth of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    if any(os.environ.get(name) != "1" for name in THREADS):  # BLAS reads them when it is loaded
        one = {**os.environ, **dict.fromkeys(THREADS, "1")}
        return subprocess.run([sys.executable, *sys.argv], env=one, check=False).returncode  # noqa: S603  (ourselves)
    study, events, panel = sample()
    wall, cpu = time.perf_counter(), time.process_time()
    found = study.calibrate(events, panel, draws=draws)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    s = found.setting
    print(f"{s.draws:,} draws of {s.events} events ({s.firms} firms, {s.dates} dates), "
          f"{len(inference.names())} tests, 3 effects, 1 window")  # fmt: skip
    print(f"{cpu:.1f} s of one core, {wall:.1f} s by the clock; the bar is {BAR:.0f} s")
    profile = cProfile.Profile()
    profile.runcall(study.calibrate, events, panel, draws=max(draws // 10, 1))
    rows = pstats.Stats(profile).get_stats_profile().func_profiles
    slowest = sorted(inference.names(), key=lambda n: -rows[n].cumtime if n in rows else 0.0)
    print("slowest tests, shares of the time of a profiled run:")
    total = rows["calibrate"].cumtime
    for name in slowest[:8]:
        print(f"  {name:<16} {rows[name].cumtime / total:5.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
