r"""What lies in the page beside its text: scripts under their hashes, data that no tag can end.

The policy of the page lets only those scripts run whose SHA-256 it names: Plotly's and ours. Text
of the user that became a script by any mistake would not run, and nothing can be fetched or sent.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from eventstudy import errors

#: characters that could end a script block or a line of it
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def resource(name: str) -> str:
    """Read a file that lies beside this one: the template, the style, the script."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def require() -> None:
    """Refuse where a package that the report needs is not installed."""
    for package in ("jinja2", "plotly"):
        try:
            importlib.import_module(package)
        except ImportError:
            raise errors.report_needs(package) from None


def plotly_script() -> str:
    """Plotly's script, of the installed package: nothing is fetched."""
    require()
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script


def script_hash(script: str) -> str:
    """Name a script in a Content-Security-Policy.

    >>> script_hash("1")
    'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='
    """
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def policy(scripts: Iterable[str]) -> str:
    """Write the Content-Security-Policy under which only these scripts run."""
    allowed = " ".join(f"'{script_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def as_data(value: Any) -> str:  # noqa: ANN401  (whatever JSON can hold)
    r"""Write JSON that may stand in a ``<script type="application/json">`` block.

    >>> as_data({"title": "</script>"})
    '{"title":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode().translate(_ESCAPED)
