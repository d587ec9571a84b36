"""File names of tickers: no two alike on any disk, none outside its folder."""

from __future__ import annotations

import hashlib
import string

#: lower-case letters are escaped as well: to some disks ``a`` and ``A`` are one name
PLAIN = frozenset((string.ascii_uppercase + string.digits + "-_").encode())
#: Windows opens a device instead of these files, whatever the ending
DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))]
)
#: file systems end at 255 bytes, encrypting ones at 143, both with what a writer appends
LONGEST = 120
ENDING = ".parquet"


def file_name(ticker: str) -> str:
    """Name the file of a ticker; different tickers have different names on every file system.

    Bytes outside of ``A-Z0-9-_`` are percent-encoded, so the name holds no dot, slash, or NUL,
    and `urllib.parse.unquote` gives the ticker back. A name that would be too long is cut and
    bears its SHA-256 behind ``=``, a sign that no other name has.

    Examples
    --------
    >>> [file_name(ticker) for ticker in ("BTC-USD", "BRK.B", "brk.b", "CON")]
    ['BTC-USD.parquet', 'BRK%2EB.parquet', '%62%72%6B%2E%62.parquet', '%43ON.parquet']
    >>> file_name("../x")
    '%2E%2E%2F%78.parquet'
    """
    raw = ticker.encode("utf-8", "surrogatepass")
    shown = "".join(chr(byte) if byte in PLAIN else f"%{byte:02X}" for byte in raw)
    if shown in DEVICES:
        shown = f"%{raw[0]:02X}{shown[1:]}"
    if len(shown) > LONGEST:
        digest = hashlib.sha256(raw).hexdigest().upper()
        shown = f"{shown[: LONGEST - len(digest) - 1]}={digest}"
    return shown + ENDING
