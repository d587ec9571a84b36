r"""Text that LaTeX reads as text: specials escaped, signs as macros, nothing lost.

What comes out needs no package and holds in the encodings OT1 and T1. A letter for which LaTeX has
no macro (an emoji, 矿) becomes its code point, as in ``\texttt{U+77FF}``.
"""

from __future__ import annotations

import re
import unicodedata

from eventstudy.report.lines import clean

_GREEK = {
    c: unicodedata.name(c).split()[-1].replace("LAMDA", "LAMBDA")
    for c in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
}
_MATHS = {
    **dict(zip("×·√≤≥≠≈±∓∞∈∑∏∂→←⇒•", (
        "times", "cdot", "surd", "leq", "geq", "neq", "approx", "pm", "mp", "infty", "in", "sum",
        "prod", "partial", "rightarrow", "leftarrow", "Rightarrow", "bullet",
    ), strict=True)),
    **{c: n.capitalize() if c.isupper() else n.lower() for c, n in _GREEK.items()},
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))

#: what each sign is written as; letters with accents are made of their parts
SIGNS: dict[str, str] = {
    **{c: rf"\{c}" for c in "#$%&_{}"},
    # "[" and "*" after the end of a row would be an option of it
    **{c: f"{{{c}}}" for c in "[]*"},
    **{c: f"${c}$" for c in "<>|"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\`{}",
    '"': r"{\char34}",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "‘": "{}`{}",
    "’": "'",
    "“": "{}``{}",
    "”": "{}''{}",
    "′": "$'$",
    "°": r"$^{\circ}$",
    "§": r"\S{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    **{c: rf"$\{name}$" for c, name in _MATHS.items()},
    **{c: f"$^{{{digit}}}$" for c, digit in _RAISED.items()},
    **{c: f"$_{{{digit}}}$" for c, digit in _LOWERED.items()},
}
#: combining mark → macro over a letter, macro over a sign of mathematics
_ACCENTS = {
    "\u0300": ("`", "grave"), "\u0301": ("'", "acute"), "\u0302": ("^", "hat"),
    "\u0303": ("~", "tilde"), "\u0304": ("=", "bar"), "\u0306": ("u", "breve"),
    "\u0307": (".", "dot"), "\u0308": ('"', "ddot"), "\u030a": ("r", ""), "\u030b": ("H", ""),
    "\u030c": ("v", "check"), "\u0327": ("c", ""),
}  # fmt: skip
#: letters that touch and would become another sign
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=,)(?=,)|(?<=')(?=')|(?<=[?!])(?=`)")
_NUMBER = re.compile(r"(?<![\w.])-(?=[\d.]|inf|\$)")


def latex_text(text: str) -> str:
    r"""Write any text so that LaTeX prints it as it is.

    >>> print(latex_text(r"$x_1$ & 5 % \input{a} [IREN]"))
    \$x\_1\$ \& 5 \% \textbackslash{}input\{a\} {[}IREN{]}
    >>> print(latex_text("r̄ ≤ σ√2, Pynnönen, 矿"))
    \={r} $\leq$ $\sigma$$\surd$2, Pynn\"{o}nen, \texttt{U+77FF}
    """
    apart = _LIGATURES.sub("\0", clean(text))
    clusters = re.findall(r"\0|.[\u0300-\u036f]*", unicodedata.normalize("NFC", apart))
    return "".join("{}" if cluster == "\0" else _cluster(cluster) for cluster in clusters)


def latex_number(text: str) -> str:
    r"""Write a number that was written for people: a true minus, and its unit beside it.

    >>> print(latex_number("-0.80 %"), latex_number("-8.90 to +7.30 %"), latex_number("<0.001"))
    $-$0.80\,\% $-$8.90 to +7.30\,\% $<$0.001
    """
    body = text.rstrip("*")
    stars = text[len(body) :]
    return latex_prose(body) + (f"$^{{{stars}}}$" if stars else "")


def latex_prose(text: str) -> str:
    r"""Write a sentence, its numbers with a true minus and their unit beside them.

    >>> print(latex_prose("by -0.8 % over [-1,+1] of BTC-USD"))
    by $-$0.8\,\% over {[}$-$1,+1{]} of BTC-USD
    """
    return latex_text(_NUMBER.sub("−", text)).replace(r" \%", r"\,\%")


def _cluster(cluster: str) -> str:
    """Write a letter with its accents."""
    if cluster in SIGNS or (len(cluster) == 1 and cluster.isascii()):
        return SIGNS.get(cluster, cluster)
    base, *marks = list(unicodedata.normalize("NFD", cluster))
    wrote = SIGNS.get(base, base if base.isascii() else "")
    if not wrote or not all(mark in _ACCENTS for mark in marks):
        return "".join(map(_point, cluster))
    for mark in marks:
        over, sign = _ACCENTS[mark]
        if wrote.startswith("$") and sign:
            wrote = rf"$\{sign}{{{wrote.strip('$')}}}$"
        else:
            wrote = rf"\{over}{{{wrote}}}"
    return wrote


def _point(c: str) -> str:
    return SIGNS.get(c, c) if c.isascii() or c in SIGNS else rf"\texttt{{U+{ord(c):04X}}}"
