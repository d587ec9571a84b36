"""The notebooks of examples/ run, and print what is stored in them.

`python tests/notebooks.py` runs them and stores what they print anew.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

import notebooks
import pytest

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module", params=notebooks.NOTEBOOKS, ids=lambda path: path.name)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook as it is stored, and as it comes out when it is run now."""
    stored, folder = notebooks.read(request.param), tmp_path_factory.mktemp("notebook")
    before = kernels()
    found = notebooks.run(notebooks.read(request.param), folder)
    assert kernels() == before
    assert list(folder.iterdir()) == []
    return stored, found


def kernels() -> set[str]:
    """Processes of this one that are kernels."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = re.search(r"\) \S (\d+)", (entry / "stat").read_text())
            command = (entry / "cmdline").read_text()
        except OSError:
            continue  # it has just ended
        if parent and int(parent[1]) == os.getpid() and "ipykernel" in command:
            found.add(entry.name)
    return found


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_is_a_notebook() -> None:
    assert [path.name for path in notebooks.NOTEBOOKS] == ["miner_catalysts.ipynb"]


def test_notebook_prints_what_is_stored(pair: Any) -> None:
    stored, found = pair
    for old, new in zip(code(stored), code(found), strict=True):
        assert notebooks.told(old) == notebooks.told(new), old.source
        assert len(notebooks.pictures(old)) == len(notebooks.pictures(new)), old.source


def test_notebook_shows_a_picture_and_no_warning(pair: Any) -> None:
    for notebook in pair:
        shown = [picture for cell in code(notebook) for picture in notebooks.pictures(cell)]
        assert len(shown) == 1
        assert base64.b64decode(shown[0]).startswith(PNG)
        outputs = [output for cell in code(notebook) for output in cell.outputs]
        assert {output.output_type for output in outputs} <= {
            "stream",
            "display_data",
            "execute_result",
        }
        assert {output.name for output in outputs if output.output_type == "stream"} == {"stdout"}


def test_notebook_says_loudly_that_it_is_simulated(pair: Any) -> None:
    stored, _ = pair
    first, *_ = stored.cells
    assert first.cell_type == "markdown"
    assert "**The prices in this notebook are SIMULATED.**" in first.source


def test_notebook_holds_nothing_of_a_machine(pair: Any) -> None:
    stored, _ = pair
    assert dict(stored.metadata) == notebooks.METADATA
    assert all(not cell.metadata for cell in stored.cells)
    cells = code(stored)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    everything = "\n".join(text for cell in cells for text in (*notebooks.told(cell), cell.source))
    for word in ("/home/", "/root/", "/tmp/", "/usr/", "0x7"):  # noqa: S108  (words)
        assert word not in everything


def test_notebook_tells_the_planted_deals(pair: Any) -> None:
    """6 % on day 0 of each deal: in the interval of all deals, and of those without other news."""
    stored, _ = pair
    text = " ".join(
        " ".join(text for cell in code(stored) for text in notebooks.told(cell)).split()
    )
    interval = re.search(r"Own deals\..*?interval \+([\d.]+) % to \+([\d.]+) %", text)
    assert interval is not None
    assert float(interval[1]) < 6 < float(interval[2])
    row = re.search(r"CAAR \[0,0\] (.*?) CAAR", text)
    assert row is not None
    every, apart, _, *errors = map(float, re.findall(r"([\d.]+) %", row[1]))
    assert abs(every - 6) < 2 * errors[0]
    assert abs(apart - 6) < 2 * errors[1]
