"""How the examples are run for their pages: without a user, and without a folder left behind."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

#: where the pictures that an example saves go; its page takes them from matplotlib itself
_SAVED = mkdtemp(prefix="eventstudy-gallery-")


def arguments(_configuration: object, script: Mapping[str, str]) -> list[str]:
    """Give an example the command line on which its page is made."""
    saves = "options(" in Path(script["src_file"]).read_text(encoding="utf-8")
    return ["--out", _SAVED] if saves else []
