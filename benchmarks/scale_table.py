"""What was measured of one process, threads, process pools and Dask: as a table and as JSON."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks import machine

STORES = ("aggregate", "car")
#: the second core counts as free above this; 2 is wholly free
FREE = 1.7


@dataclass
class Way:
    """One of the ways, and what it took."""

    name: str
    options: dict[str, Any]
    two: bool = False
    #: store → seconds, round by round
    seconds: dict[str, list[float]] = field(default_factory=dict)
    #: seconds for a task that does nothing
    empty: float | None = None


def opening(told: dict[str, Any], chosen: argparse.Namespace) -> str:
    """Describe the machine and the run."""
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    return (
        f"cpu       {told['cpu']}, {told['cores']} logical\n"
        f"versions  {versions}\n"
        f"load      {', '.join(map(str, told['load']))} (1, 5, 15 minutes) at the start\n"
        f"run       {chosen.events:,} events on a saved panel of 3,000 × 2,500, market model; "
        f"tasks of {chosen.task:,}, seed {chosen.seed}, rounds {chosen.rounds}\n"
    )


def table(ways: list[Way], events: int, free: list[float], typed: dict[str, float]) -> str:
    """Events per second of the arrays' work; of two workers only from rounds that had two cores."""
    lines = [
        f"{'':<18}{'aggregate':>12}{'car':>12}{'× one':>8}{'as typed':>12}{'task':>10}",
        f"{'':<18}{'events/s':>12}{'events/s':>12}{'':>8}{'events/s':>12}{'ms':>10}",
    ]
    first = rate(ways[0], "aggregate", events, free)
    for way in ways:
        own = [rate(way, store, events, free) for store in STORES]
        empty = "" if way.empty is None else f"{1e3 * way.empty:.2f}"
        whole = f"{events / typed[way.name]:,.0f}" if way.name in typed else ""
        lines.append(
            f"{way.name:<18}{own[0]:>12,.0f}{own[1]:>12,.0f}{own[0] / first:>8.2f}"
            f"{whole:>12}{empty:>10}"
        )
    return "\n".join(lines)


def rate(way: Way, store: str, events: int, free: list[float]) -> float:
    """Events per second: the median of the rounds that count."""
    taken = way.seconds[store]
    counted = [one for one, cores in zip(taken, free, strict=True) if cores >= FREE]
    return events / median(counted if way.two and counted else taken)


def parcels(weights: dict[tuple[str, str], dict[str, float]]) -> str:
    """What a task carries."""
    lines = ["", f"{'bytes of a task':<32}{'tasks':>8}{'there':>14}{'back':>14}"]
    for (kind, store), told in weights.items():
        name = f"panel in {'a file' if kind == 'file' else 'memory'}, {store}"
        lines.append(f"{name:<32}{told['tasks']:>8}{told['there']:>14,.0f}{told['back']:>14,.0f}")
    return "\n".join(lines)


def ending(free: list[float]) -> str:
    """Say whether the figures of two workers mean anything."""
    good = sum(cores >= FREE for cores in free)
    cores = ", ".join(f"{each:.2f}" for each in free)
    load = ", ".join(map(str, machine.load()))
    said = f"{good} of {len(free)} rounds had a free second core ({cores} of 2)"
    if not good:
        said += ": the figures of two workers are those of a busy machine"
    return f"\ncores     {said}\nload      {load} at the end"


def as_json(
    told: dict[str, Any],
    ways: list[Way],
    free: list[float],
    typed: dict[str, float],
    weights: dict[tuple[str, str], dict[str, float]],
    chosen: argparse.Namespace,
) -> dict[str, Any]:
    """Everything that was measured."""
    return {
        "machine": told | {"load_at_end": machine.load(), "free_cores": free},
        "events": chosen.events,
        "seed": chosen.seed,
        "ways": {
            way.name: {
                "seconds": way.seconds,
                "rate": {s: rate(way, s, chosen.events, free) for s in STORES},
                "typed_seconds": typed.get(way.name),
                "empty_task_seconds": way.empty,
            }
            for way in ways
        },
        "task_bytes": {f"{kind}, {store}": found for (kind, store), found in weights.items()},
    }
