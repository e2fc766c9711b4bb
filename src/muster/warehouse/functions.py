"""The few functions that SQL lends us, as DuckDB calls them; `dialects` says them elsewhere."""

from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_extract_string(json: str, path: str) -> str:  # type: ignore[empty-body]
    """The value at a JSON pointer as text; nothing for null and for what is not there."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def url_decode(text: str) -> str:  # type: ignore[empty-body]
    """The text that stands in an address with percent signs."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def json_keys(json: str) -> list[str]:  # type: ignore[empty-body]
    """The names in a JSON object."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def md5_number_upper(text: str) -> ibis.dtype("uint64"):  # type: ignore[valid-type]
    """The first eight bytes of the MD5 sum as a number, the lowest byte first."""


@ibis.udf.agg.builtin(name="any_value")  # type: ignore[untyped-decorator]
def first_said(text: str) -> str:  # type: ignore[empty-body]
    """The first text in the order of the window that is not nothing.

    Ibis's own `first` over a window forgets that nothing shall not count.
    """


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def to_local(zone: str, moment: ibis.dtype("timestamp('UTC')")) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]
    """What the clocks of the zone show at the moment."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def from_local(zone: str, shown: ibis.dtype("timestamp")) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """The moment at which the clocks of the zone show this."""
