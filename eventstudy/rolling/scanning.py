"""σ, CAR and SCAR of every date for some securities at a time: products, squares, a root.

All sums are made of first days, shared days and last days (`rolling.operators`): days are only
ever added, so a bad tick touches the windows that hold it and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.models.least_squares import GUARD
from eventstudy.models.linear import Design
from eventstudy.rolling.operators import Layout, Operators, ends
from eventstudy.windows import Window

#: securities a chunk, and numbers that the products of some blocks may fill
CHUNK, ROOM = 32, 1 << 16


@dataclass(frozen=True)
class Part:
    """The answers for some securities; their days may reach beyond those asked for."""

    #: (W, n, dates)
    car: FloatArray
    scar: FloatArray
    #: (n, dates)
    sigma: FloatArray
    #: (n, dates) windows that the engine has to fit, as far as sums can tell
    redo: BoolArray

    def columns(self, days: slice) -> Part:
        """Views of some days."""
        sums = self.car[..., days], self.scar[..., days]
        return Part(*sums, self.sigma[..., days], self.redo[..., days])

    def silence(self, never: BoolArray) -> None:
        """Give no answer where there is ``never`` (n, D) an estimate."""
        self.car[:, never] = self.scar[:, never] = self.sigma[never] = np.nan
        self.redo[never] = False

    def by_block(self, step: int) -> Part:
        """Views in blocks of dates, (…, G, n, step)."""
        sums = _cut(self.car, step), _cut(self.scar, step)
        return Part(*sums, _cut(self.sigma, step), _cut(self.redo, step))


Values = TypeVar("Values", bound=np.generic)


def _cut(values: npt.NDArray[Values], step: int) -> npt.NDArray[Values]:
    return values.reshape(*values.shape[:-1], -1, step).swapaxes(-2, -3)


class Sums:
    """Sums over one window of each date, from the days in a buffer (CHUNK, width)."""

    def __init__(self, days: FloatArray, layout: Layout, window: Window) -> None:
        length, first, edge = len(window), layout.column(window.first), layout.step - 1
        self.edge = edge if length > edge else 0
        if self.edge:
            cuts = ((0, edge), (edge, length - edge), (length, edge))
            self.sides = [layout.blocked(days, first + at, size) for at, size in cuts]
            self.band = ends(layout.step, 1)
        else:  # a short window is a band of ones
            date, day = np.arange(layout.step), np.arange(length + edge)[:, None]
            self.sides = [layout.blocked(days, first, length + edge)]
            self.band = ((date <= day) & (day < date + length)).astype(float)

    def write(self, some: slice, rows: FloatArray, out: FloatArray) -> None:
        """Σ of each date of some blocks into ``out`` (g, n, step); ``rows`` is room."""
        n, edge = out.shape[1], self.edge
        if not edge:
            np.matmul(self.sides[0][some, :n], self.band, out=out)
            return
        first, inner, last = (side[some, :n] for side in self.sides)
        rows = rows[..., : 2 * edge + 1]
        rows[..., :edge], rows[..., edge + 1 :] = first, last
        np.add.reduce(inner, axis=-1, out=rows[..., edge])
        np.matmul(rows, self.band, out=out)

    def write_squares(self, some: slice, rows: FloatArray, out: FloatArray) -> None:
        """Σ of the squared days, of a window that is no shorter than a block."""
        n, edge = out.shape[1], self.edge
        first, inner, last = (side[some, :n] for side in self.sides)
        rows = rows[..., : 2 * edge + 1]
        np.multiply(first, first, out=rows[..., :edge])
        np.multiply(last, last, out=rows[..., edge + 1 :])
        np.einsum("gnm,gnm->gn", inner, inner, out=rows[..., edge])
        np.matmul(rows, self.band, out=out)


class Scanner:
    """Computes chunk after chunk in the same buffers: one for each thread."""

    def __init__(self, ops: Operators, design: Design) -> None:
        layout, self.ops, step = ops.layout, ops, ops.layout.step
        self.days = np.zeros((CHUNK, layout.width))
        self.offset = None if design.offset is None else layout.cut(design.offset, 0.0)
        estimation = layout.windows.estimation
        self.past = Sums(self.days, layout, estimation)
        self.sums = [Sums(self.days, layout, window) for window in layout.asked]
        centred = design.intercept or (not design.names and design.demean)
        #: returns as they are: a series that does not move can hide behind an offset
        self.raw: Moves | None = None
        if self.offset is not None or not centred:
            self.raw = Moves(layout, estimation, ops.count)
        self.estimated = bool(design.parameters)
        lost = len(design.parameters) or int(design.demean)
        with np.errstate(divide="ignore"):
            self.share = _by_block(1.0 / (ops.count - lost).clip(0), layout)
        self.root = _by_block(np.sqrt(ops.q), layout)
        self.blank = _by_block(0.0 * ops.q, layout)
        columns, length = ops.left.shape[1], ops.left.shape[2]
        self.group = max(1, ROOM // (CHUNK * step * max(columns, 2)))
        self.found = np.empty((self.group, columns, CHUNK, step))
        self.rows = np.empty((self.group, CHUNK, max(length, 2 * step - 1)))
        self.work = np.empty((3, self.group, CHUNK, step))
        self.fine = np.empty((self.group, CHUNK, step), dtype=bool)
        self.redo = np.empty((CHUNK, layout.dates), dtype=bool)

    def scan(self, returns: FloatArray, part: Part) -> None:
        """Fill ``part`` with all dates of the ``returns`` (n, T), n ≤ CHUNK."""
        layout = self.ops.layout
        self._read(returns)
        part.redo[:] = False
        part = part.by_block(layout.step)
        with np.errstate(invalid="ignore", divide="ignore"):  # bad dates are found and redone
            for g in range(0, layout.blocks, self.group):
                self._blocks(slice(g, min(g + self.group, layout.blocks)), part)

    def _read(self, returns: FloatArray) -> None:
        """Copy returns less offsets, zero where they or a factor are missing."""
        layout, days = self.ops.layout, self.days[: len(returns)]
        lo, hi = max(layout.begin, 0), min(layout.begin + layout.width, returns.shape[1])
        inside = slice(lo - layout.begin, hi - layout.begin)
        there, known = days[:, inside], self.ops.known[inside]
        there[:] = returns[:, lo:hi]
        kept = np.isfinite(there)
        kept &= known
        whole = kept.all()
        if not whole:
            there[~kept] = 0.0
        if self.raw is not None:
            self.raw.days[: len(returns)] = days
        if self.offset is not None:
            there -= np.where(known, self.offset[inside], 0.0)
            if not whole:
                there[~kept] = 0.0

    def _blocks(self, some: slice, part: Part) -> None:
        """Fill the dates of some blocks; the arrays of ``part`` are (…, G, n, step) here."""
        p, g, n = self.ops.projected, some.stop - some.start, part.sigma.shape[1]
        found, rows, fine = self.found[:g, :, :n], self.rows[:g, :n], self.fine[:g, :n]
        sigma, total, room = self.work[:, :g, :n]
        self._project(some, found, rows)
        self.past.write_squares(some, rows, total)
        np.einsum("gpnd,gpnd->gnd", found[:, :p], found[:, :p], out=room)
        np.subtract(total, room, out=sigma)
        np.multiply(total, GUARD, out=room)
        np.greater(sigma, room, out=fine)  # the engine takes care of the others
        if self.raw is not None:
            fine &= self.raw.move(some, rows, total)
        if not fine.all():
            part.redo[some] |= ~fine
        np.multiply(sigma, self.share[some], out=sigma)
        np.sqrt(sigma, out=sigma)
        part.sigma[some] = sigma
        for w, sums in enumerate(self.sums):
            sums.write(some, rows, total)
            car = part.car[w, some]
            np.subtract(total, found[:, p + w] if self.estimated else self.blank[w, some], out=car)
            np.multiply(sigma, self.root[w, some], out=room)
            np.divide(car, room, out=part.scar[w, some])

    def _project(self, some: slice, found: FloatArray, rows: FloatArray) -> None:
        """(g, columns, n, step) c and the expected CARs."""
        edge, p, n = self.past.edge, self.ops.projected, rows.shape[1]
        first, inner, last = (side[some, :n] for side in self.past.sides)
        rows = rows[..., : 2 * edge + p]
        rows[..., :edge], rows[..., edge + p :] = first, last
        np.matmul(inner, self.ops.basis[some], out=rows[..., edge : edge + p])
        np.matmul(rows[:, None], self.ops.left[some], out=found)


class Moves:
    """Whether returns move over the estimation windows, before and after the offset (M.8)."""

    def __init__(self, layout: Layout, estimation: Window, count: IntArray) -> None:
        self.days = np.zeros((CHUNK, layout.width))
        self.past = Sums(self.days, layout, estimation)
        self.count = _by_block(count, layout)

    def move(self, some: slice, rows: FloatArray, total: FloatArray) -> BoolArray:
        """(g, n, step) where they do; ``total`` is Σ(R − offset)²."""
        level, squares = np.empty_like(total), np.empty_like(total)
        self.past.write(some, rows, level)
        self.past.write_squares(some, rows, squares)
        spread = squares - level**2 / self.count[some]
        moving: BoolArray = (spread > GUARD * squares) & (total > GUARD * squares)
        return moving


def _by_block(values: np.ndarray, layout: Layout) -> FloatArray:
    """(…, dates) → (…, G, 1, step)."""
    return np.asarray(values.reshape(*values.shape[:-1], layout.blocks, 1, layout.step))
