"""What all tests share: how hard hypothesis looks, and where real prices lie."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("dev", settings())
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, print_blob=True)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real prices; only tests marked `realdata` ask for it."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("EVENTSTUDY_DATA") or beside)
    if not folder.is_dir():
        pytest.fail(f"no folder {folder}: EVENTSTUDY_DATA names the folder of real prices")
    return folder


@pytest.fixture(scope="session")
def real_prices(data_folder: Path) -> Path:
    """Adjusted closes: a row a session, a column a ticker."""
    return data_folder / "miners_and_benchmarks_adjclose.csv"
