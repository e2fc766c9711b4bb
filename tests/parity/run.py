"""Asks every engine every question and compares: `python tests/parity/run.py --people 300`."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from muster.warehouse.store import Warehouse
from tests.parity.engines import ENGINES, NotHere, loaded
from tests.parity.people import Market
from tests.parity.questions import plain, questions

_SLOW = 20.0


def answers(
    warehouse: Warehouse, only: str = "", *, each_metric: bool = False, brief: bool = False
) -> dict[str, object]:
    """Question → its answer, or the sentence of the error."""
    found: dict[str, object] = {}
    for name, ask in questions(each_metric=each_metric).items():
        # All rules at once compile to other SQL than each alone, but to the same comparisons.
        if (brief and name.startswith("rule ")) or only not in name:
            continue
        began = time.monotonic()
        try:
            with warehouse.read(seconds=600) as db:
                found[name] = plain(ask(db))
        except Exception as error:  # noqa: BLE001 - every question is asked, and each failure told
            found[name] = f"{type(error).__name__}: {str(error)[:2000]}"
        if (took := time.monotonic() - began) > _SLOW:
            print(f"  {name}: {took:.1f} s")
    return found


def digest(answer: object) -> str:
    return hashlib.sha256(json.dumps(answer, ensure_ascii=False).encode()).hexdigest()[:12]


def differences(wanted: dict[str, object], found: dict[str, object]) -> list[str]:
    """The questions that two engines answer differently."""
    return [name for name in wanted if digest(wanted[name]) != digest(found[name])]


def apart(one: object, other: object, at: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{at}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{at}[{n}]", *pair) for n, pair in enumerate(zip(one, other, strict=True))]
    else:
        return f"{at}: {str(one)[:160]} | {str(other)[-400:]}"
    return next(apart(a, b, place) for place, a, b in pairs if a != b)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--only", default="", help="questions whose name has this in it")
    parser.add_argument("--each-metric", action="store_true", help="every metric alone too")
    parser.add_argument("--show", action="store_true", help="say both answers where they differ")
    parser.add_argument("--brief", action="store_true", help="all rules at once, none alone")
    given = parser.parse_args()
    market = Market(given.people, given.seed)
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        with loaded(market, Path(folder) / "duckdb") as warehouse:
            began = time.monotonic()
            wanted = answers(
                warehouse, given.only, each_metric=given.each_metric, brief=given.brief
            )
        print(f"duckdb: {len(wanted)} questions asked in {time.monotonic() - began:.1f} s")
        broken = [n for n, a in wanted.items() if isinstance(a, str) and "Error:" in a]
        for name in broken:
            print(f"  {name}: {wanted[name]}")
        failed += broken
        for engine in given.engines.split(","):
            with ExitStack() as stack:
                try:
                    url = stack.enter_context(ENGINES[engine](Path(folder) / engine))
                except NotHere as reason:
                    print(f"{engine}: SKIPPED, {reason}")
                    continue
                warehouse = stack.enter_context(loaded(market, Path(folder) / engine, url))
                began = time.monotonic()
                found = answers(
                    warehouse, given.only, each_metric=given.each_metric, brief=given.brief
                )
                other = differences(wanted, found)
                print(
                    f"{engine}: {len(found) - len(other)} of {len(found)} the same, "
                    f"{len(other)} differ, in {time.monotonic() - began:.1f} s"
                )
                for name in other:
                    print(f"  {name}")
                    if given.show:
                        print(f"    {apart(wanted[name], found[name])}"[:2000])
                failed += other
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
