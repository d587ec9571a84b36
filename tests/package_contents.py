"""What a built wheel and source distribution hold: ``python package_contents.py WHEEL SDIST``."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: what the package reads beside its code
DATA = (
    "py.typed",
    "catalysts/table.csv",
    "catalysts/own_reports.csv",
    "report/document/page.html.jinja",
    "report/document/page.css",
    "report/document/page.js",
)
#: bytes that a distribution stays under: no pictures, no prices
MOST = {"wheel": 2_000_000, "sdist": 4_000_000}


def check_wheel(path: Path) -> list[str]:
    """What is wrong with a wheel."""
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        told = wheel.read(info).decode()
    code = {
        p.relative_to(ROOT).as_posix()
        for p in (ROOT / "eventstudy").rglob("*.py")
        if "__pycache__" not in p.parts
    }
    wrong = [f"{name} is missing" for name in sorted(code - names)]
    wrong += [f"{name} is missing" for name in DATA if f"eventstudy/{name}" not in names]
    strange = [n for n in names if not n.startswith("eventstudy/") and ".dist-info/" not in n]
    strange += [
        n for n in names if "cache" in n.lower() and "/loaders/" not in n and "/errors/" not in n
    ]
    wrong += [f"{name} does not belong" for name in strange]
    for line in ("Description-Content-Type: text/markdown", "Classifier: Typing :: Typed"):
        if line not in told:
            wrong.append(f"the metadata lack {line!r}")
    return wrong + _too_large("wheel", path)


def check_sdist(path: Path) -> list[str]:
    """What is wrong with a source distribution."""
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "pyproject.toml"}
    needed |= {f"eventstudy/{name}" for name in DATA}
    wrong = [f"{name} is missing" for name in sorted(needed - names)]
    pictures = [n for n in names if n.endswith((".png", ".html", ".ipynb", ".parquet"))]
    wrong += [f"{name} does not belong" for name in pictures]
    return wrong + _too_large("sdist", path)


def _too_large(kind: str, path: Path) -> list[str]:
    size = path.stat().st_size
    return [f"{path.name} has {size:,} bytes"] if size > MOST[kind] else []


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    wheel, sdist = map(Path, sys.argv[1:])
    wrong = [*check_wheel(wheel), *check_sdist(sdist)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
