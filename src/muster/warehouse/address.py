"""Where the warehouse is, by one setting: an empty text is the file in the data folder (PF1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.warehouse.lake import Lake

if TYPE_CHECKING:
    from muster.warehouse.engines.engine import Engine


class WrongAddress(Refused):
    """The setting says no place that we know."""

    code = "wrong_warehouse_url"
    text = _(
        "MUSTER_WAREHOUSE_URL is not understood: %(reason)s. Leave it empty for the file in the "
        "data folder, or see the page “Growing up”."
    )


def lake_and_engine(url: str) -> tuple[Lake | None, Engine | None]:
    """What the setting means; both None is the file. Nothing is opened yet."""
    kind, colon, rest = url.partition(":")
    if not url:
        return None, None
    if colon and kind == "ducklake":
        return _lake(rest), None
    if colon and kind in ("postgres", "postgresql"):
        from muster.warehouse.engines.postgres import PostgresEngine

        return None, PostgresEngine(url)
    if colon and kind in ("clickhouse", "clickhouses"):
        from muster.warehouse.engines.clickhouse import ClickHouseEngine

        return None, ClickHouseEngine(url)
    if colon and kind == "spark":
        return None, _spark(url)
    raise WrongAddress(reason=f"“{kind}” is no engine")


def _spark(url: str) -> Engine:
    from muster.warehouse.engines.spark import SparkEngine

    parts = urlsplit(url)
    folder = Path(_folder_of(url))
    host, _colon, port = parts.netloc.partition(":")
    if not host or "@" in host or not (port or "15002").isdecimal():
        raise WrongAddress(reason="after “spark://” come host and port, no user and no password")
    if not folder.is_absolute() or set(str(folder)) & set("*?[]{}\\,"):
        # Spark would look for every folder that such a sign means.
        raise WrongAddress(
            reason=f"“{folder}” does not begin with /, or has one of *?[]{{}}\\, in it"
        )
    return SparkEngine(host, int(port or 15002), folder)


def _lake(url: str) -> Lake:
    parts = urlsplit(url)
    folder = _folder_of(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise WrongAddress(reason="after “ducklake:” comes postgres://…")
    credentials, _at, host = parts.netloc.rpartition("@")
    user, _colon, password = credentials.partition(":")
    name, _colon, port = host.partition(":")
    said = {
        "host": unquote(name),
        "port": port,
        "user": unquote(user),
        "password": unquote(password),
        "dbname": parts.path.removeprefix("/"),
    }
    return Lake(" ".join(f"{k}={_quoted(v)}" for k, v in said.items() if v), folder)


def _folder_of(url: str) -> str:
    folder = parse_qs(urlsplit(url).query).get("data", [""])[0]
    if not folder:
        raise WrongAddress(reason="?data= and the folder of the files are missing")
    return folder


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
