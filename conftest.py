"""What tests and doctests share: pictures are closed behind each of them."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _pictures_are_closed() -> Iterator[None]:
    """Doctests draw without a word about closing; matplotlib warns of more than 20 figures."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
