"""Windows: what is read, what is refused, where a window stands inside another."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from eventstudy.errors import WindowError
from eventstudy.windows import Window, as_intervals, as_window, as_windows, is_whole


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ((-1, 1), -1, 1),
        ([-1, 1], -1, 1),
        ((0, 0), 0, 0),
        ((np.int64(-3), np.int8(2)), -3, 2),
        (0, 0, 0),
        (-5, -5, -5),
        (np.int32(7), 7, 7),
        ("-1:1", -1, 1),
        ("-1,1", -1, 1),
        ("[-1,+1]", -1, 1),
        (" [ -10 , +10 ] ", -10, 10),
        ("+2:+5", 2, 5),
        ("3", 3, 3),
        (" -4 ", -4, -4),
        (Window(-2, 3), -2, 3),
    ],
)
def test_a_window_is_read(value: Any, first: int, last: int) -> None:
    found = as_window(value)
    assert found == Window(first, last)
    assert (type(found.first), type(found.last)) == (int, int)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        np.True_,
        1.0,
        (-1.0, 1.0),
        (True, 1),
        (1,),
        (1, 2, 3),
        np.array([-1, 1]),
        np.array(3),
        range(3),
        "",
        "a:b",
        "-1..1",
        "-1:1:2",
        "1.5",
        {"first": -1},
    ],
)
def test_what_is_no_window_is_refused(value: Any) -> None:
    with pytest.raises(WindowError) as caught:
        as_window(value)
    assert str(caught.value) == (
        f"{value!r} is not a window; give (first, last) in trading days around day 0, as in "
        f"(-1, 1), or one day as an integer."
    )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("-1:1", ["[-1,+1]"]),
        ("-1:1,0:5", ["[-1,+1]", "[0,+5]"]),
        (" -1:1 , 0:5 ,2 ", ["[-1,+1]", "[0,+5]", "[+2,+2]"]),
        ("[-1:1],[0:5],", ["[-1,+1]", "[0,+5]"]),
        ("-1,1", ["[-1,+1]"]),  # without a colon it is the label of one window
        ("[-1,+1]", ["[-1,+1]"]),
        ("3", ["[+3,+3]"]),
    ],
)
def test_a_text_may_hold_several_windows(text: str, labels: list[str]) -> None:
    """As on the command line."""
    assert [window.label for window in as_windows(text)] == labels


def test_a_text_may_hold_several_intervals() -> None:
    assert as_intervals("30:120,-250:-11") == (Window(-250, -11), Window(30, 120))
    assert as_intervals("-250:-11") == Window(-250, -11)
    with pytest.raises(WindowError, match="overlap; give intervals without common days"):
        as_intervals("-250:-11,-20:-5")


@pytest.mark.parametrize("read", [as_windows, as_intervals])
@pytest.mark.parametrize(
    ("text", "wrong"),
    [("0,2,5", "0,2,5"), ("-1:1,a", "a"), ("-1:1;0:5", "-1:1;0:5"), (",", ",")],
)
def test_a_text_of_windows_is_refused_where_one_is_none(read: Any, text: str, wrong: str) -> None:
    """A comma alone never says where one window ends."""
    with pytest.raises(WindowError) as caught:
        read(text)
    assert str(caught.value).startswith(f"{wrong!r} is not a window; ")


@pytest.mark.parametrize("ends", [(-1.0, 1), (-1, 1.5), ("a", 1), (None, 1), (True, 2)])
def test_the_ends_of_a_window_are_whole_numbers(ends: Any) -> None:
    with pytest.raises(WindowError, match="is not a window"):
        Window(*ends)


@pytest.mark.parametrize("value", [(1, -1), "5:1", "[0,-3]"])
def test_a_backward_window_is_refused(value: Any) -> None:
    with pytest.raises(WindowError, match=r"ends before it begins; give \((-1, 1|1, 5|-3, 0)\)"):
        as_window(value)


@pytest.mark.parametrize(
    ("window", "label"),
    [
        (Window(-1, 1), "[-1,+1]"),
        (Window(0, 0), "[0,0]"),
        (Window(0, 5), "[0,+5]"),
        (Window(-10, -2), "[-10,-2]"),
        (Window(-5, 0), "[-5,0]"),
    ],
)
def test_labels_name_a_window_and_are_read_again(window: Window, label: str) -> None:
    assert window.label == str(window) == label
    assert as_window(label) == window


def test_days_and_length() -> None:
    window = Window(-2, 3)
    assert list(window.days) == [-2, -1, 0, 1, 2, 3]
    assert len(window) == 6
    assert len(Window(4, 4)) == 1


def test_a_window_contains_windows_and_days() -> None:
    outer = Window(-2, 3)
    for first, last in itertools.combinations_with_replacement(range(-4, 6), 2):
        assert (Window(first, last) in outer) == (first >= -2 and last <= 3)
        assert (first in outer) == (-2 <= first <= 3)
        assert (np.int64(first) in outer) == (first in outer)
    for stranger in ("0", 0.0, None, True, (0, 0)):
        assert stranger not in outer


def test_columns_inside_the_event_window() -> None:
    days = np.array([-2, -1, 0, 1, 2, 3])
    for first, last in itertools.combinations_with_replacement(range(-2, 4), 2):
        columns = Window(first, last).columns(Window(-2, 3))
        assert list(days[columns]) == list(range(first, last + 1))


@pytest.mark.parametrize("window", [(-3, 0), (0, 4), (5, 9), (-9, 9)])
def test_columns_outside_are_refused(window: tuple[int, int]) -> None:
    with pytest.raises(WindowError, match=r"is not inside the event window \[-2,\+3\]"):
        Window(*window).columns(Window(-2, 3))


def test_windows_are_values() -> None:
    assert {Window(0, 1), Window(0, 1), as_window((0, 1))} == {Window(0, 1)}
    assert sorted([Window(0, 1), Window(-1, 1), Window(-1, 0)]) == [
        Window(-1, 0),
        Window(-1, 1),
        Window(0, 1),
    ]


@pytest.mark.parametrize("value", [0, -3, np.int64(2), np.uint8(4)])
def test_whole(value: object) -> None:
    assert is_whole(value)


@pytest.mark.parametrize("value", [True, np.False_, 1.0, "1", None, np.array(1), float("nan")])
def test_not_whole(value: object) -> None:
    assert not is_whole(value)
