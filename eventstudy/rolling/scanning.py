"""σ, CAR and SCAR of every date for some securities at a time: products, squares, a root.

All sums are made of first days, shared days and last days (`rolling.operators`): days are only
ever added, so a bad tick touches the windows that hold it and no other.
"""

from __future__ import annotations

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.models.least_squares import GUARD
from eventstudy.models.linear import Design
from eventstudy.rolling.holes import Holes
from eventstudy.rolling.layout import Layout
from eventstudy.rolling.operators import Operators, ends
from eventstudy.rolling.part import Part, by_block
from eventstudy.rolling.reading import Reader
from eventstudy.rolling.value import Counts
from eventstudy.windows import Window

#: securities a chunk, and numbers that the products of some blocks may fill
CHUNK, ROOM = 32, 1 << 16


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

    def __init__(self, ops: Operators, design: Design, need: int, *, excluding: bool) -> None:
        layout, self.ops, self.need, step = ops.layout, ops, need, ops.layout.step
        self.reader = Reader(ops, design, CHUNK, excluding=excluding)
        estimation = layout.windows.estimation
        self.past = Sums(self.reader.past, layout, estimation)
        self.sums = [Sums(self.reader.days, layout, window) for window in layout.asked]
        raw = self.reader.raw
        self.raw = None if raw is None else Sums(raw, layout, estimation)
        self.estimated = bool(design.parameters)
        self.fixed = len(design.parameters) or int(design.demean)
        self.holes = Holes(ops, self.reader.lost, self.fixed)
        self.count = by_block(ops.count[None], step)
        self.root = by_block(np.sqrt(ops.q)[:, None], step)
        self.blank = by_block(0.0 * ops.q[:, None], step)
        columns, length = ops.left.shape[1], ops.left.shape[2]
        self.group = max(1, ROOM // (CHUNK * step * max(columns, 2)))
        self.found = np.empty((self.group, columns, CHUNK, step))
        self.rows = np.empty((self.group, CHUNK, max(length, 2 * step - 1)))
        self.work = np.empty((3, self.group, CHUNK, step))
        self.fine = np.empty((self.group, CHUNK, step), dtype=bool)
        self.redo = np.empty((CHUNK, layout.dates), dtype=bool)

    def scan(self, returns: FloatArray, excluded: BoolArray | None, part: Part) -> Counts | None:
        """Fill ``part`` with all dates of the ``returns`` (n, T), n ≤ CHUNK.

        Returns the valid estimation days (n, dates), or None if no window has lost one.
        """
        step, blocks = self.ops.layout.step, self.ops.layout.blocks
        self.reader.read(returns, excluded)
        n_obs = self.reader.counted(len(returns))
        count = self.count if n_obs is None else by_block(n_obs, step)
        part.redo[:] = False
        part = part.by_block(step)
        gaps = np.any((count < self.count) & (count >= self.need), axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):  # bad dates are found and redone
            for g in range(0, blocks, self.group):
                some = slice(g, min(g + self.group, blocks))
                self._blocks(some, part, count[some], gaps[some])
                if self.holes.enough or some.stop == blocks:
                    self.holes.solve(part, count)
        return n_obs

    def _blocks(self, some: slice, part: Part, count: Counts, gaps: BoolArray) -> None:
        """Fill the dates of some blocks; the arrays of ``part`` are (…, G, n, step) here.

        Where there are ``gaps`` (g, n), nothing is expected so far: `Holes` will do that.
        """
        p, g, n = self.ops.projected, some.stop - some.start, part.sigma.shape[1]
        found, rows, fine = self.found[:g, :, :n], self.rows[:g, :n], self.fine[:g, :n]
        sigma, total, room = self.work[:, :g, :n]
        self._project(some, found, rows)
        self.past.write_squares(some, rows, total)
        if p and gaps.any():
            self._set_aside(some, gaps, found, total)
        np.einsum("gpnd,gpnd->gnd", found[:, :p], found[:, :p], out=room)
        np.subtract(total, room, out=sigma)
        np.multiply(total, GUARD, out=room)
        np.greater(sigma, room, out=fine)  # the engine takes care of the others
        if self.raw is not None:
            fine &= _moves(self.raw, some, rows, total, count)
        if not fine.all():
            part.redo[some] |= ~fine
        np.divide(sigma, count - self.fixed, out=sigma)
        np.sqrt(sigma, out=sigma)
        part.sigma[some] = sigma
        for w, sums in enumerate(self.sums):
            sums.write(some, rows, total)
            car = part.car[w, some]
            np.subtract(total, found[:, p + w] if self.estimated else self.blank[w, some], out=car)
            np.multiply(sigma, self.root[w, some], out=room)
            np.divide(car, room, out=part.scar[w, some])

    def _set_aside(
        self, some: slice, gaps: BoolArray, found: FloatArray, total: FloatArray
    ) -> None:
        """Let windows with holes wait for a regression of their own."""
        g, n = np.nonzero(gaps)
        self.holes.wait(some.start + g, n, found[g, : self.ops.projected, n], total[g, n])
        found[g, :, n] = 0.0

    def _project(self, some: slice, found: FloatArray, rows: FloatArray) -> None:
        """(g, columns, n, step) c and the expected CARs."""
        edge, p, n = self.past.edge, self.ops.projected, rows.shape[1]
        first, inner, last = (side[some, :n] for side in self.past.sides)
        rows = rows[..., : 2 * edge + p]
        rows[..., :edge], rows[..., edge + p :] = first, last
        np.matmul(inner, self.ops.inner[some], out=rows[..., edge : edge + p])
        np.matmul(rows[:, None], self.ops.left[some], out=found)


def _moves(raw: Sums, some: slice, rows: FloatArray, total: FloatArray, count: Counts) -> BoolArray:
    """(g, n, step) where returns move, before and after the offset (M.8).

    ``total`` is Σ(R − offset)² over the ``count`` days.
    """
    level, squares = np.empty_like(total), np.empty_like(total)
    raw.write(some, rows, level)
    raw.write_squares(some, rows, squares)
    spread = squares - level**2 / count
    moving: BoolArray = (spread > GUARD * squares) & (total > GUARD * squares)
    return moving
