"""From a formula to a matrix of regressors, by the formula language of statsmodels."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from tokenize import NAME, STRING, TokenError, TokenInfo, generate_tokens

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray

#: words of a formula that are no column, though nothing calls them
_WORDS = frozenset(("np", "Treatment", "Sum", "Helmert", "Poly", "Diff"))
#: a column this close to the span of those before it follows from them (methods A.5)
_RANK = 1e-10


@dataclass(frozen=True, eq=False)
class Design:
    """The regressors of the events that have them all."""

    names: tuple[str, ...]
    #: (N, k)
    x: FloatArray
    #: (N,) positions of these events among those that were given
    kept: IntArray
    #: what was missing → how many events it was missing for
    missing: Mapping[str, int]


def design_of(formula: object, events: pd.DataFrame) -> Design:
    """Build the regressors of ``events``; an event that lacks one is left out and counted.

    Raises
    ------
    OptionError
        If the formula cannot be read or names an unknown column, if its terms are constant,
        collinear or infinite, or if there are no more events than terms.
    """
    if not isinstance(formula, str) or "~" in formula:
        raise errors.formula_not_right_side(formula)
    table = _plain(events.set_axis(events.columns.map(str), axis=1)).reset_index(drop=True)
    used = _columns_of(formula, table)
    lacking = table[used].isna()
    missing = {str(name): int(count) for name, count in lacking.sum().items() if count}
    table = table[~lacking.any(axis=1)]
    _refuse_one_category(table[used])
    x = _matrix(formula, table)
    if made := len(table) - len(x):  # a logarithm of a negative number, for instance
        missing["the formula"] = made
        x = _matrix(formula, table.loc[x.index])
    found = Design(tuple(map(str, x.columns)), x.to_numpy(float), x.index.to_numpy(), missing)
    _check(found, formula, len(events))
    return found


def _refuse_one_category(table: pd.DataFrame) -> None:
    """Refuse words that are the same for all events: the formula would drop them unsaid."""
    for name, column in table.items():
        number = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
        if len(column) > 1 and not number and (column == column.iloc[0]).all():
            raise errors.regressor_constant(str(name), len(column))


def _plain(events: pd.DataFrame) -> pd.DataFrame:
    """Columns as the formula languages know them: no nullable types, no text type."""
    made = {}
    for name in map(str, events.columns):
        column = events[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            continue
        if pd.api.types.is_bool_dtype(column) and column.isna().any():
            made[name] = column.astype(object).where(column.notna(), None)
        elif pd.api.types.is_bool_dtype(column):
            made[name] = column.astype(bool)
        elif pd.api.types.is_extension_array_dtype(column):
            kind = float if pd.api.types.is_numeric_dtype(column) else object
            made[name] = column.astype(kind)
    return events.assign(**made)


def _columns_of(formula: str, table: pd.DataFrame) -> list[str]:
    """Columns that the formula names; a name that is neither column nor function is refused."""
    try:
        tokens = list(generate_tokens(StringIO(formula).readline))
    except (TokenError, SyntaxError):
        return []  # the engine says what is wrong
    found = []
    for at, token in enumerate(tokens):
        if token.type == STRING:  # Q('market cap')
            found += [name for name in [ast.literal_eval(token.string)] if name in table]
        elif _is_name(tokens, at):
            if token.string not in table:
                raise errors.no_such_group(token.string, list(table.columns))
            found.append(token.string)
    return list(dict.fromkeys(found))


def _is_name(tokens: list[TokenInfo], at: int) -> bool:
    """Whether a token names a column: no function, no keyword, no attribute."""
    token = tokens[at]
    if token.type != NAME or keyword.iskeyword(token.string) or token.string in _WORDS:
        return False
    attribute = at > 0 and tokens[at - 1].string == "."
    return not attribute and tokens[at + 1].string not in ("(", "=")


def _matrix(formula: str, table: pd.DataFrame) -> pd.DataFrame:
    """Let statsmodels build the matrix; rows keep the positions of their events."""
    for name, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            table = table.assign(**{str(name): column.cat.remove_unused_categories()})
    if len(table) == 0:
        return pd.DataFrame(index=table.index)
    try:
        # logarithms of zero and of negative numbers are answered below, not warned about
        with np.errstate(divide="ignore", invalid="ignore"):
            names, x, rows = _by_statsmodels(formula, table)
    except Exception as error:  # noqa: BLE001  (a formula is code of the user: anything can happen)
        if "inf or nans" in str(error):
            raise errors.formula_infinite(formula) from None
        reason = " ".join(str(error).splitlines()[:1]).rstrip(".")
        raise errors.formula_unreadable(formula, reason, list(table.columns)) from None
    return pd.DataFrame(x, rows, names)


def _by_statsmodels(formula: str, table: pd.DataFrame) -> tuple[list[str], FloatArray, list[int]]:
    from statsmodels.formula.api import ols

    left = "car"
    while left in table:
        left += "_"
    model = ols(f"{left} ~ {formula}", table.assign(**{left: 0.0}))
    return model.exog_names, model.exog, list(model.data.row_labels)


def _check(design: Design, formula: str, given: int) -> None:
    """Refuse a matrix that has no least-squares answer."""
    n, k = design.x.shape
    if k == 0 and n > 0:
        raise errors.formula_without_terms(formula)
    if n <= k:
        raise errors.too_few_to_explain(n, k, given - n)
    if not np.isfinite(design.x).all():  # the logarithm of zero
        raise errors.formula_infinite(formula)
    lengths = np.sqrt((design.x**2).sum(axis=0))
    unit = design.x / np.where(lengths > 0, lengths, 1.0)
    apart = np.abs(np.diag(np.linalg.qr(unit, mode="r")))  # distance from the columns before it
    spare = [name for name, gap in zip(design.names, apart, strict=True) if gap < _RANK]
    if spare:
        first = design.x[:, design.names.index(spare[0])]
        if (first == first[0]).all():
            raise errors.regressor_constant(spare[0], n)
        raise errors.regressors_collinear(spare)
