"""What clocks show, against Python's own time zones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from muster.warehouse.clocks import shown

BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Taipei", "Asia/Singapore",
         "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")  # fmt: skip
CHINA = [datetime(year, month, day, tzinfo=UTC) for year in range(1986, 1992)
         for month, day in ((4, 14), (5, 4), (9, 11), (9, 15))]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_show_what_the_zone_says(zone):
    chance = random.Random(zone)
    moments = [BEGIN + timedelta(seconds=chance.randrange(60 * 365 * 86_400))
               for _ in range(2_000)]  # fmt: skip
    moments += [day + timedelta(hours=hour) for day in CHINA for hour in range(-24, 48)]
    db = ibis.duckdb.connect()
    naive = [moment.replace(tzinfo=None) for moment in moments]
    db.con.register("moments", pa.table({"at": pa.array(naive, pa.timestamp("us"))}))
    table = ibis.table({"at": "timestamp(6)"}, name="moments")
    asked = db.compile(table.mutate(local=shown(zone, table.at)))
    rows = db.con.execute(asked).fetchall()
    assert len(rows) == len(moments)
    for at, local in rows:
        wanted = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert local == wanted, at
