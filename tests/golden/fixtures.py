"""The two worked examples of docs/methods.md, section H, and every number printed there.

Four firms, one date, 20 estimation days, event window [-2,+2], market model, simple returns.
Example B is A without two returns. The numbers carry twelve digits.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SOURCE = "docs/methods.md, section H"

FIRMS = 4
DAY0 = 22
ESTIMATION = (-22, -3)
EVENT_WINDOW = (-2, 2)
MIN_OBS = 10
MIN_OVERLAP = 10
WINDOWS = ((0, 0), (-1, 1), (-2, 2))
EXAMPLES = ("A", "B")
#: (firm, day) without a return in example B
MISSING = ((1, 5), (2, 24))


def market() -> npt.NDArray[np.float64]:
    """(25,) market returns."""
    return np.array([0.010 * math.sin(1.3 * t) + 0.004 * math.cos(0.7 * t) for t in range(25)])


def returns(example: str) -> npt.NDArray[np.float64]:
    """(4, 25) returns of the firms, NaN where missing."""
    index = market()
    found = np.empty((FIRMS, len(index)))
    for i in range(FIRMS):
        for t, m in enumerate(index):
            noise = math.sin(2.1 * t + i) + 0.5 * math.sin(5.3 * t + 2 * i)
            found[i, t] = 0.0005 * (i + 1) + (0.8 + 0.2 * i) * m
            found[i, t] += 0.01 * (1 + 0.3 * i) * noise + 0.012 * math.cos(3.7 * t)
        found[i, DAY0] += 0.0075 * (i + 1)
    if example == "B":
        for firm, day in MISSING:
            found[firm, day] = np.nan
    return found


Row = tuple[float, float, float]

#: statistic → the windows [0,0], [-1,+1], [-2,+2] of A, and of B (None: not printed there)
GOLDEN: dict[str, tuple[Row, Row | None]] = {
    "N": ((4, 4, 4), (4, 4, 3)),
    "caar": (
        (0.023623756516, 0.00891907022318, 0.024243912352),
        (0.0235777070796, 0.00878874285246, 0.0164864617144),
    ),
    "scar[0]": (
        (2.12152902801, -0.295872966963, -0.15291199448),
        (2.12152902801, -0.295872966963, -0.15291199448),
    ),
    "csect_t": (
        (15.3511334962, 0.971991914821, 1.75525803222),
        (14.9005326435, 0.949818790564, 0.998834498538),
    ),
    "ts_t": (
        (2.16539507553, 0.472005590936, 0.993815784071),
        (2.10767929196, 0.45359586942, 0.676936848961),
    ),
    "patell": (
        (2.88203821721, 0.409581462296, 0.98523095095),
        (2.85571848956, 0.404274704016, 0.522024373157),
    ),
    "patell(sum_sar)": (
        (2.88203821721, 0.482675538191, 1.11387354124),
        (2.85571848956, 0.476306547208, 0.61023861873),
    ),
    "adj_patell": (
        (2.00024418914, 0.284265120097, 0.683787769653),
        (1.96952467049, 0.278819150461, 0.416026777747),
    ),
    "bmp": (
        (7.28643038774, 0.731971165242, 1.69343259786),
        (7.07467290894, 0.719661250273, 0.934742346784),
    ),
    "adj_bmp": (
        (4.04982936089, 0.406832723099, 0.941217124235),
        (3.8805940308, 0.394748024107, 0.628916609669),
    ),
    "adj_bmp p[t(N-1)]": (
        (0.0271140891794, 0.711416003595, 0.416029821969),
        (0.0303113922587, 0.719419456505, 0.593658008798),
    ),
    "skew_t(johnson)": (
        (-3.98617441292, 0.984705890454, 1.73287701684),
        (-3.83374317927, 0.961678835983, 1.09771393631),
    ),
    "skew_t(hall)": (
        (21.2795492916, 1.00606441605, 1.69607605828),
        (20.524490972, 0.981590896104, 1.47311196299),
    ),
    "corrado": (
        (1.99932970435, 0.295289511001, 0.790159120361),
        (2.00565550526, 0.310594550527, 0.575138902768),
    ),
    "cumrank_t": (
        (2.14389857125, 0.302526177868, 0.860895328055),
        (2.15204506905, 0.318273649137, 0.621932348216),
    ),
    "corrado_zivney": (
        (2.01083115606, 0.369394425669, 1.14452676704),
        (2.08592671104, 0.418610548814, 0.876780180536),
    ),
    "grank_t(none)": (
        (2.45828506639, 0.591867626327, 1.23750686866),
        (2.45146507296, 0.611103099936, 0.74061787989),
    ),
    "grank_z": (
        (3.30289129538, 0.825722823845, 1.73401793007),
        (3.30092470319, 0.853755256962, 0.917868961627),
    ),
    "grank_t(sd)": (
        (2.45828506639, 0.526615107182, 1.11751138911),
        (2.45146507296, 0.548564495387, 0.74061787989),
    ),
    "grank_t(full)": (
        (2.25006758263, 0.345453336997, 0.752724839849),
        (2.16164831067, 0.36987226814, 0.660872670448),
    ),
    "gen_sign": ((2, 0, 1), (1.97385508488, -0.0263180677984, 0.547047606469)),
    "corrado_sign": (
        (1.60128153805, 0.462250163521, 1.07417231106),
        (1.55230105141, 0.448110714948, 0.69937860618),
    ),
    "wilcoxon W+": ((10, 7, 9), (10, 7, 5)),
    "jackknife_t": (
        (0.331444807627, 0.78934202018, 1.21350288261),
        (0.352446479143, 0.777304877283, 1.23749344105),
    ),
    "placebo_window p": (
        (0.047619047619, 0.157894736842, 0.0588235294118),
        (0.047619047619, 0.263157894737, 0.0588235294118),
    ),
    "portfolio_t": ((2.01330218868, 0.41623637765, 0.857014086843), None),
    "sur_F": ((1.47506540369, 0.428881669928, 0.325717247044), None),
    "gls_t(naive)": ((2.49944215766, 0.211764235709, 0.463193402982), None),
    "gls_t(exact)": ((2.23063124567, 0.183330025113, 0.407830700016), None),
}

#: scalars of A and of B
SCALARS: dict[str, tuple[float, float]] = {
    "alpha[0]": (0.00127357924808, 0.00127357924808),
    "beta[0]": (0.825540430047, 0.825540430047),
    "sigma[1]": (0.0139583246764, 0.0143457712677),
    "C[0,tau=0]": (1.09591094019, 1.09591094019),
    "AR[0,tau=0]": (0.0246466067798, 0.0246466067798),
    "rbar": (0.358676365551, 0.367454707284),
}


def cases() -> list[tuple[str, str, tuple[int, int], float]]:
    """Every printed number of the table: statistic, example, window, value."""
    return [
        (statistic, example, window, value)
        for statistic, rows in GOLDEN.items()
        for example, row in zip(EXAMPLES, rows, strict=True)
        if row is not None
        for window, value in zip(WINDOWS, row, strict=True)
    ]


def scalar_cases() -> list[tuple[str, str, float]]:
    """Every scalar: name, example, value."""
    return [
        (name, example, value)
        for name, values in SCALARS.items()
        for example, value in zip(EXAMPLES, values, strict=True)
    ]
