"""How many digits the engine loses, against least squares in extended precision.

    python benchmarks/accuracy.py [--json FILE]

Largest errors of beta, alpha, CAR and SCAR relative to their root mean square, of sigma relative,
over the worst of the engine's ways; exits with 1 where a bar is missed: 1e-12, or 10·eps·cond(X)
where cond(X) is above 1e4. The cases are those of `tests/unit/test_accuracy.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # so that this file runs as a script, from anywhere

from accuracy_cases import CASES, WAYS, Errors, errors  # noqa: E402  (found through the line above)
from long_double import PRECISE  # noqa: E402  (as above)

NAMES = ("beta", "alpha", "sigma", "car", "scar")


def measured() -> dict[str, dict[str, Errors]]:
    """Every case on every way."""
    return {case: {way: errors(make(), way) for way in WAYS} for case, make in CASES.items()}


def table(found: dict[str, dict[str, Errors]]) -> str:
    """One line a case: the largest errors of all ways, and the bar."""
    lines = [
        f"{'case':34s}{'way':13s}{'cond(X)':>9s}" + "".join(f"{n:>9s}" for n in NAMES) + "    bar"
    ]
    for case, ways in found.items():
        for way, e in ways.items():
            numbers = "".join(f"{getattr(e, name):9.0e}" for name in NAMES)
            missed = "" if e.worst <= e.allowed else "  missed"
            lines.append(f"{case:34s}{way:13s}{e.cond:9.0e}{numbers}{e.allowed:9.0e}{missed}")
    return "\n".join(lines)


def main() -> int:
    """Print the table; write it as JSON too."""
    parser = argparse.ArgumentParser(description="Errors against extended precision.")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    if not PRECISE:
        print("This machine has no longer double, so there is nothing to compare with.")
        return 0
    found = measured()
    print(table(found))
    if asked.json:
        rows = {
            case: {way: {**asdict(e), "allowed": e.allowed} for way, e in ways.items()}
            for case, ways in found.items()
        }
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(e.worst > e.allowed for ways in found.values() for e in ways.values()))


if __name__ == "__main__":
    sys.exit(main())
