"""What a result keeps of its events, and who measures them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import cast

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Losses
from eventstudy.engine.assembling import measured
from eventstudy.engine.streaming import Work
from eventstudy.inference._folded import folded
from eventstudy.windows import Window, WindowLike, as_windows, is_whole, usual_windows

STORES = ("full", "car", "aggregate")


@dataclass(frozen=True)
class Keeping:
    """The choice between daily returns, sums over windows, and sums over events.

    ``"full"`` keeps the abnormal return of every event and day, ``"car"`` the CARs of every event
    over some windows, ``"aggregate"`` only what tests sum over the events.
    """

    store: str = "full"
    windows: tuple[Window, ...] = ()
    workers: int = 1
    executor: Executor | None = None

    @classmethod
    def of(
        cls,
        store: str,
        windows: WindowLike | Sequence[WindowLike] | None,
        workers: int,
        executor: Executor | None,
        whole: Window,
    ) -> Keeping:
        """Check the choice; ``whole`` is the event window."""
        if store not in STORES:
            raise errors.unknown_option("store", store, STORES)
        if not is_whole(workers) or workers < 1:
            raise errors.workers_not_counted(workers)
        if executor is not None and not callable(getattr(executor, "submit", None)):
            raise errors.not_an_executor(executor)
        if executor is not None and workers > 1:
            raise errors.workers_and_executor(workers)
        if store == "full":
            if windows is not None:
                raise errors.windows_without_store()
            return cls(store, (), int(workers), executor)
        chosen = usual_windows(whole) if windows is None else as_windows(windows)
        for window in chosen:
            window.columns(whole)  # refuses a window outside the event window
        return cls(store, tuple(dict.fromkeys(chosen)), int(workers), executor)

    def measure(self, work: Work) -> tuple[Abnormal, Losses]:
        """Measure all placed events and keep of them what was chosen."""
        if self.store == "aggregate":
            sums, lost = folded(work, self.windows, workers=self.workers, executor=self.executor)
            return cast("Abnormal", sums), lost  # tests ask the one as they ask the other
        keep = self.windows if self.store == "car" else None
        return measured(replace(work, keep=keep), workers=self.workers, executor=self.executor)
