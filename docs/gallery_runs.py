"""How the examples are run for their pages: without a user, and without a file left behind."""

from collections.abc import Mapping
from pathlib import Path


def arguments(_configuration: object, script: Mapping[str, str]) -> list[str]:
    """Give an example the command line on which its page is made.

    ``--out -`` writes no picture: the page takes them from matplotlib itself. A script with a
    command line of its own is run as it stands.
    """
    own = "ArgumentParser(" in Path(script["src_file"]).read_text(encoding="utf-8")
    return [] if own else ["--out", "-"]
