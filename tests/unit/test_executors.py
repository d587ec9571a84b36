"""Process pools and Dask: real workers, the same numbers, and what happens when one dies."""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.arrays import Block, Fit, Inputs, Placement
from eventstudy.engine import streaming
from eventstudy.errors import ModelError, NothingLeft, PanelError

DAYS = pd.bdate_range("2019-01-01", periods=700)
TICKERS = [f"S{i:02d}" for i in range(30)]
WINDOWS = ((0, 0), (-1, 1), (-5, 5))
WHOLE = es.EventStudy(estimation=(-120, -11), window=(-5, 5))


@functools.cache
def panel() -> es.Panel:
    rng = np.random.default_rng(21)
    market = rng.normal(0, 0.01, len(DAYS))
    returns = market[:, None] * rng.uniform(0.5, 1.5, 30) + rng.normal(0, 0.02, (len(DAYS), 30))
    returns[rng.random(returns.shape) < 0.002] = np.nan
    frame = pd.DataFrame(returns, DAYS, TICKERS)
    return es.Panel.from_returns(frame, market=pd.Series(market, DAYS, name="M"))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> es.Panel:
    folder = tmp_path_factory.mktemp("saved") / "panel"
    panel().save(folder)
    return es.Panel.open(folder)


@functools.cache
def events() -> pd.DataFrame:
    """Shared and lone dates, one ticker that is not there, one date before the data."""
    rng = np.random.default_rng(22)
    some = pd.DataFrame(
        {"ticker": rng.choice(TICKERS, 250), "date": DAYS[rng.integers(130, 690, 250)]}
    )
    shared = pd.concat([es.events_on(day, TICKERS) for day in DAYS[[300, 500]]])
    lost = pd.DataFrame({"ticker": ["NONE", "S01"], "date": DAYS[[400, 60]]})
    return pd.concat([some, shared[["ticker", "date"]], lost], ignore_index=True)


@functools.cache
def here(store: str, study: es.EventStudy = WHOLE) -> es.Result:
    """Measured in this process."""
    return study.run(events(), panel(), store=store)


def same(one: es.Result, two: es.Result) -> None:
    """What every store can answer, to 1e-12 (rule 6)."""
    pd.testing.assert_frame_equal(one.dropped, two.dropped)
    pd.testing.assert_frame_equal(one.events, two.events)
    pd.testing.assert_frame_equal(one.caar(*WINDOWS), two.caar(*WINDOWS), rtol=1e-12, atol=1e-14)


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "TASK", 60)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A Dask cluster of two processes on this machine, which ends with the tests."""
    distributed = pytest.importorskip("distributed", reason="Dask is an extra")
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,
    )
    with cluster, distributed.Client(cluster) as found:
        yield found


@pytest.fixture(params=["processes", "dask"])
def executor(request: pytest.FixtureRequest) -> Executor:
    if request.param == "processes":
        pool: Executor = request.getfixturevalue("processes")
        return pool
    found: Executor = request.getfixturevalue("client").get_executor()
    return found


# ── the same numbers ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kept", ["memory", "file"])
@pytest.mark.parametrize("store", ["full", "car", "aggregate"])
def test_workers_change_no_number(
    store: str, kept: str, executor: Executor, opened: es.Panel
) -> None:
    data = opened if kept == "file" else panel()
    same(here(store), WHOLE.run(events(), data, store=store, executor=executor))


@dataclass(frozen=True)
class OwnModel:
    """A model that the library does not know: the mean of the estimation window."""

    needs: tuple[str, ...] = ()

    def fit(self, block: Block) -> Fit:
        past = np.where(block.valid, block.returns, np.nan)[:, block.estimation]
        mean = np.nanmean(past, axis=1)[:, None]
        root = np.full((block.event.stop - block.event.start, 1), past.shape[1] ** -0.5)
        return Fit.of(
            block,
            np.broadcast_to(mean, block.returns.shape),
            params=mean,
            names=("mean",),
            root=root,
        )


@pytest.mark.parametrize(
    "model",
    [OwnModel(), es.FactorModel(("market", es.factors.peers(TICKERS))), es.RobustMarketModel()],
    ids=["own", "peers", "robust"],
)
def test_models_of_all_kinds_travel(model: Any, executor: Executor, opened: es.Panel) -> None:
    study = es.EventStudy(model, estimation=(-120, -11), window=(-5, 5))
    one = study.run(events(), panel())
    two = study.run(events(), opened, executor=executor)
    same(one, two)
    pd.testing.assert_frame_equal(one.estimates, two.estimates, rtol=1e-12, atol=1e-14)


@functools.cache
def overlapping() -> pd.DataFrame:
    """Events of a third of the firms, so close that they lie in each other's estimation window."""
    rng = np.random.default_rng(23)
    return pd.DataFrame(
        {"ticker": rng.choice(TICKERS[1::3], 300), "date": DAYS[rng.integers(130, 690, 300)]}
    )


BY_FIRM = {
    "excluded days": es.EventStudy(
        estimation=(-120, -11), window=(-5, 5), min_obs=20, exclude_other_events=True
    ),
    "peers": es.EventStudy(
        es.FactorModel(("market", es.factors.peers(TICKERS))),
        estimation=(-120, -11),
        window=(-5, 5),
    ),
    "both": es.EventStudy(
        es.FactorModel((es.factors.peers(TICKERS),)),
        estimation=(-120, -11),
        window=(-5, 5),
        min_obs=20,
        exclude_other_events=True,
    ),
}


@pytest.mark.parametrize("rows", ["some", "all"])
@pytest.mark.parametrize("kind", BY_FIRM)
def test_what_differs_by_firm_and_day_travels(
    kind: str, rows: str, executor: Executor, opened: es.Panel
) -> None:
    """Beside a panel that is a file: of a third of its securities, and of all."""
    table = overlapping() if rows == "some" else events()
    one = BY_FIRM[kind].run(table, panel())
    two = BY_FIRM[kind].run(table, opened, executor=executor)
    same(one, two)
    pd.testing.assert_frame_equal(one.estimates, two.estimates, rtol=1e-12, atol=1e-14)
    if kind != "peers":
        assert (one.estimates["n_obs"] < 110).mean() > 0.5  # of events beside others


def test_all_events_lost_elsewhere(executor: Executor) -> None:
    lost = pd.DataFrame({"ticker": "S01", "date": DAYS[[60, 61]]})
    with pytest.raises(NothingLeft):
        WHOLE.run(lost, panel(), executor=executor)


# ── what travels ─────────────────────────────────────────────────────────────────────────────
@dataclass
class Weighing(Executor):
    """Sends everything to itself, and weighs it."""

    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def submit(self, call: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        parcel = pickle.dumps((call, arguments, options))
        self.sent.append(len(parcel))
        call, arguments, options = pickle.loads(parcel)  # noqa: S301  (our own)
        back = pickle.dumps(call(*arguments, **options))
        self.received.append(len(back))
        answer: Future[Any] = Future()
        answer.set_result(pickle.loads(back))  # noqa: S301  (our own)
        return answer


@pytest.mark.parametrize("store", ["full", "car", "aggregate"])
def test_a_task_does_not_carry_a_panel_that_is_a_file(store: str, opened: es.Panel) -> None:
    scales = Weighing()
    same(here(store), WHOLE.run(events(), opened, store=store, executor=scales))
    assert len(scales.sent) >= 4
    assert max(scales.sent) < 20_000  # returns would add 50 kB or more
    assert opened.returns.nbytes > 150_000


def test_a_task_carries_the_stretch_of_the_calendar_that_it_needs() -> None:
    scales = Weighing()
    same(here("full"), WHOLE.run(events(), panel(), executor=scales))
    stretch = len(DAYS) / len(scales.sent) + 126 + 40
    assert max(scales.sent) < 30 * stretch * 8 + 30_000


def wide(beside: int, after: int) -> es.Panel:
    """The panel of the tests with so many more securities and later sessions."""
    frame = panel().returns[:30].T
    market = panel().series("M")
    rng = np.random.default_rng(24)
    days = DAYS.append(pd.bdate_range(DAYS[-1], periods=after + 1)[1:])
    returns = rng.normal(0, 0.01, (len(days), 30 + beside))
    returns[: len(DAYS), :30] = frame
    names = [*TICKERS, *(f"X{i:03d}" for i in range(beside))]
    line = np.concatenate([market, rng.normal(0, 0.01, after)])
    data = pd.DataFrame(returns, days, names)
    return es.Panel.from_returns(data, market=pd.Series(line, days, name="M"))


@pytest.mark.parametrize("kind", BY_FIRM)
def test_a_task_beside_a_file_does_not_grow_with_the_panel(kind: str, tmp_path: Path) -> None:
    """What has a row a security and a column a day is cut to those that the task needs."""
    study, sent, found = BY_FIRM[kind], [], []
    for beside, after in ((0, 0), (170, 1400)):
        large = wide(beside, after)
        large.save(tmp_path / f"panel{beside}")
        scales = Weighing()
        file = es.Panel.open(tmp_path / f"panel{beside}")
        found.append(study.run(overlapping(), file, executor=scales))
        same(study.run(overlapping(), large), found[-1])
        sent.append(scales.sent)
    assert len(sent[0]) == len(sent[1]) >= 4
    for small, big in zip(*sent, strict=True):
        assert abs(big - small) < 500
    same(*found)


@pytest.mark.parametrize("part", [None, np.s_[2:], np.s_[:, 5:], np.s_[::2, ::3]])
def test_a_file_travels_as_its_address_and_a_part_of_it_as_numbers(
    part: Any, tmp_path: Path
) -> None:
    returns = np.random.default_rng(25).normal(size=(6, 4000))
    np.save(tmp_path / "returns.npy", returns)
    file = np.load(tmp_path / "returns.npy", mmap_mode="r")
    if part is not None:
        file, returns = file[part], returns[part]
    seen = Inputs(file, np.empty((file.shape[1], 0)), ())
    parcel = pickle.dumps(seen)
    again = pickle.loads(parcel)  # noqa: S301  (our own)
    np.testing.assert_array_equal(again.returns, returns)
    assert (len(parcel) < 2000) == seen.mapped == again.mapped == (part is None)


def test_dask_does_not_read_a_panel_to_name_a_task(opened: es.Panel) -> None:
    """A task is named at random: a name made of its content would cost a look at all of it."""
    base = pytest.importorskip("dask.base", reason="Dask is an extra")
    seen = Inputs(opened.returns, opened.factors, ())
    nothing = Placement(*(np.zeros(1, dtype=np.int64) for _ in range(3)))
    work = streaming.Work(es.MarketModel(), seen, nothing, WHOLE.windows)
    part = streaming.Part(work, nothing.event, 1)
    assert base.tokenize(part) != base.tokenize(part)


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Deadly(OwnModel):
    """Kills the process in which it is first fitted."""

    mark: str = ""

    def fit(self, block: Block) -> Fit:
        if not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(block)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no way to kill a process at once")
def test_a_worker_that_dies_costs_only_time(client: Any, opened: es.Panel, tmp_path: Path) -> None:
    """Dask starts it anew and asks again; the answer is the same."""
    mark = tmp_path / "killed"
    study = es.EventStudy(Deadly(mark=str(mark)), estimation=(-120, -11), window=(-5, 5))
    found = study.run(events(), opened, executor=client.get_executor())
    assert mark.exists()
    same(here("full", es.EventStudy(OwnModel(), estimation=(-120, -11), window=(-5, 5))), found)
    client.wait_for_workers(2)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no way to kill a process at once")
def test_a_pool_that_loses_a_process_is_heard(tmp_path: Path) -> None:
    study = es.EventStudy(
        Deadly(mark=str(tmp_path / "killed")), estimation=(-120, -11), window=(-5, 5)
    )
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(BrokenProcessPool),
    ):
        study.run(events(), panel(), executor=pool)


@dataclass(frozen=True)
class Failing(OwnModel):
    """Cannot be fitted."""

    def fit(self, block: Block) -> Fit:
        raise ModelError(f"{len(block.returns)} events were too many.")


def test_an_error_of_a_worker_is_the_error(executor: Executor) -> None:
    study = es.EventStudy(Failing(), estimation=(-120, -11), window=(-5, 5))
    with pytest.raises(ModelError, match="events were too many"):
        study.run(events(), panel(), executor=executor)
    same(here("full"), WHOLE.run(events(), panel(), executor=executor))  # the workers live on


def test_a_panel_that_a_worker_cannot_find(tmp_path: Path) -> None:
    panel().save(tmp_path / "panel")
    here_only = es.Panel.open(tmp_path / "panel")
    sent = pickle.dumps(Inputs(here_only.returns, here_only.factors, ()))
    file = Path(str(getattr(here_only.returns, "filename", None)))
    file.rename(tmp_path / "elsewhere")
    with pytest.raises(PanelError) as raised:
        pickle.loads(sent)  # noqa: S301  (our own)
    assert str(raised.value) == (
        f"The file {str(file)!r} of the panel cannot be opened in this process; it has to lie "
        f"under this path wherever a worker runs, and to stay there while they work."
    )


def test_an_executor_that_was_shut_down() -> None:
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    pool.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        WHOLE.run(events(), panel(), executor=pool)


def test_a_model_that_cannot_travel_is_told(processes: Executor) -> None:
    @dataclass(frozen=True)
    class Local(OwnModel):
        pass

    study = es.EventStudy(Local(), estimation=(-120, -11), window=(-5, 5))
    with pytest.raises(ModelError) as raised:
        study.run(events(), panel(), executor=processes)
    assert str(raised.value) == (
        "Local cannot be sent to another process; define the model and what it holds at the top "
        "of a module that the workers can import, or use workers= instead of an executor."
    )
