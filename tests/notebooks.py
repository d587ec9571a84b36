"""The notebooks of examples/: run them in a kernel of their own; `python tests/notebooks.py`
writes what they print anew.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

nbformat: Any = import_module("nbformat")  # its functions have no types
EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
#: seconds that one cell may take
TIMEOUT = 120
#: what is kept of the metadata: nothing of a machine
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(path: Path) -> Any:
    """Read a notebook and hold it against its format."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def run(notebook: Any, folder: Path) -> Any:
    """Run all cells in ``folder``, in a kernel that ends with them; return it cleaned."""
    from nbclient import NotebookClient
    from traitlets.config import Config

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as own:
        # settings of the user stay out, and so does what the kernel remembers
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, own)
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.delenv("MPLBACKEND", raising=False)  # the kernel's own puts pictures into the cells
        sockets = {"transport": "ipc", "ip": f"{own}/k"}  # files: the kernel needs no network
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            config=Config({"KernelManager": sockets}),
        )
        return cleaned(client.execute())


def cleaned(notebook: Any) -> Any:
    """Take out what belongs to a machine or a moment."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
    return notebook


def told(cell: Any) -> list[str]:
    """What a cell printed and showed as text; a fingerprint may differ on another processor."""
    texts = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            texts.append(f"{output.name}: {output.text}")
        elif output.output_type == "error":
            texts.append(f"error: {output.evalue}")
        else:
            shown = sorted(output.data.items())
            texts += [text for kind, text in shown if kind.startswith("text/")]
    return [re.sub(r"sha256 [0-9a-f]{8}", "sha256 ········", text) for text in texts]


def pictures(cell: Any) -> list[str]:
    """The pictures of a cell, as base64."""
    shown = [output for output in cell.get("outputs", []) if "data" in output]
    return [output.data["image/png"] for output in shown if "image/png" in output.data]


def main() -> None:
    for path in NOTEBOOKS:
        with TemporaryDirectory() as folder:
            nbformat.write(run(read(path), Path(folder)), path)


if __name__ == "__main__":
    main()
