"""How the examples are run for their pages: without a user, and without a folder left behind."""

from tempfile import mkdtemp

#: where the pictures that an example saves go; the page has them from matplotlib itself
_SAVED = mkdtemp(prefix="eventstudy-gallery-")


def arguments(_configuration: object, _script: object) -> list[str]:
    """Give every example the command line on which its page was made."""
    return ["--out", _SAVED]
