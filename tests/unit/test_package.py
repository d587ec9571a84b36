"""What a distribution holds, told from its list of files; `make package` builds and installs it."""

from __future__ import annotations

import io
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from package_contents import DATA, ROOT, check_sdist, check_wheel

TOLD = b"Description-Content-Type: text/markdown\nClassifier: Typing :: Typed\n"


def wheel(path: Path, *, without: str = "", more: tuple[str, ...] = ()) -> Path:
    code = [p.relative_to(ROOT).as_posix() for p in (ROOT / "eventstudy").rglob("*.py")]
    names = [*code, *(f"eventstudy/{name}" for name in DATA), *more]
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("eventstudy_numpy-0.dist-info/METADATA", TOLD)
        for name in names:
            if name != without:
                made.writestr(name, "")
    return path


def sdist(path: Path, names: list[str]) -> Path:
    with tarfile.open(path, "w:gz") as made:
        for name in names:
            made.addfile(tarfile.TarInfo(f"eventstudy_numpy-0/{name}"), io.BytesIO())
    return path


def test_the_data_lie_in_the_tree() -> None:
    assert all((ROOT / "eventstudy" / name).is_file() for name in DATA)
    beside = {
        p.relative_to(ROOT / "eventstudy").as_posix()
        for p in (ROOT / "eventstudy").rglob("*")
        if p.is_file() and p.suffix != ".py" and "cache" not in p.as_posix().rpartition("/")[0]
    }
    assert beside - {name for name in beside if "_cache/" in name} == set(DATA)


def test_a_complete_wheel_passes(tmp_path: Path) -> None:
    assert check_wheel(wheel(tmp_path / "x.whl")) == []


@pytest.mark.parametrize("name", ["eventstudy/py.typed", "eventstudy/study.py"])
def test_what_is_missing_is_named(name: str, tmp_path: Path) -> None:
    found = check_wheel(wheel(tmp_path / "x.whl", without=name))
    assert found == [f"{name.removeprefix('eventstudy/') if 'typed' in name else name} is missing"]


@pytest.mark.parametrize("name", ["tests/test_x.py", "eventstudy/.mypy_cache/x.json"])
def test_what_does_not_belong_is_named(name: str, tmp_path: Path) -> None:
    assert check_wheel(wheel(tmp_path / "x.whl", more=(name,))) == [f"{name} does not belong"]


def test_source_distributions(tmp_path: Path) -> None:
    names = ["README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "pyproject.toml"]
    names += [f"eventstudy/{name}" for name in DATA]
    assert check_sdist(sdist(tmp_path / "x.tar.gz", names)) == []
    assert check_sdist(sdist(tmp_path / "y.tar.gz", [*names[1:], "docs/x.png"])) == [
        "README.md is missing",
        "docs/x.png does not belong",
    ]


def test_what_goes_into_the_source_distribution_exists() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for pattern in told["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert list(ROOT.glob(pattern.removeprefix("/"))), pattern


def test_continuous_integration_builds_the_package() -> None:
    assert "make package" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert ".ci/package" in (ROOT / "Makefile").read_text(encoding="utf-8")
