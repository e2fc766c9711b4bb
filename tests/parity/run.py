"""Asks every engine every question and compares: `python tests/parity/run.py --people 300`."""

from __future__ import annotations

import argparse
import hashlib
import pickle
import sys
import tempfile
import time
from array import array
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from muster.warehouse.store import Warehouse
from tests.parity.engines import ENGINES, NotHere, loaded
from tests.parity.people import Market
from tests.parity.questions import plain, questions

FULL = {"ducklake": 1_000_000, "postgresql": 200_000, "clickhouse": 5_000, "spark": 4_000}
"""The people with whom each engine is compared once a release: about 26 events each."""
_SLOW = 20.0
_CLOSE = 1e-9
"""Doubles may differ by so much of themselves: an engine that adds in another order rounds other
last digits."""


@dataclass
class Answer:
    """What is remembered of an answer: enough to say whether another is the same."""

    exact: str
    """The hash of everything but the doubles."""
    doubles: array[float]
    error: str = ""

    def is_same(self, other: Answer) -> bool:
        return self.exact == other.exact and bool(
            np.allclose(self.doubles, other.doubles, rtol=_CLOSE, atol=0, equal_nan=True)
        )


@dataclass
class Asked:
    """Every question to one engine: its answers in short, and whole in files if they are kept."""

    folder: Path | None = None
    answers: dict[str, Answer] = field(default_factory=dict)

    def remember(self, name: str, found: object, error: str = "") -> None:
        if self.folder is not None:
            self._file(name).write_bytes(pickle.dumps(found))
        self.answers[name] = in_short(found, error)

    def whole(self, name: str) -> object:
        return pickle.loads(self._file(name).read_bytes())

    def _file(self, name: str) -> Path:
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / hashlib.sha256(name.encode()).hexdigest()[:16]

    @property
    def errors(self) -> dict[str, str]:
        return {name: one.error for name, one in self.answers.items() if one.error}


def ask(
    warehouse: Warehouse,
    folder: Path | None = None,
    only: str = "",
    *,
    each_metric: bool = False,
    brief: bool = False,
    seconds: float = 600,
    slow: float = _SLOW,
) -> Asked:
    """Asks every question, each for so long at most; with a folder the answers are kept there.

    Says of what took longer than `slow` seconds how long.
    """
    asked = Asked(folder)
    for name, question in questions(each_metric=each_metric).items():
        # All rules at once compile to other SQL than each alone, but to the same comparisons.
        if (brief and name.startswith("rule ")) or only not in name:
            continue
        began = time.monotonic()
        try:
            with warehouse.read(seconds=seconds) as db:
                found = question(db)
            asked.remember(name, plain(found))
        except Exception as error:  # noqa: BLE001 - every question is asked, and each failure told
            said = f"{type(error).__name__}: {str(error)[:2000]}"
            asked.remember(name, said, said)
        if (took := time.monotonic() - began) > slow:
            print(f"  {name}: {took:.1f} s", flush=True)
    return asked


def in_short(found: object, error: str = "") -> Answer:
    """The hash of what is exact in an answer, and its doubles."""
    sha, doubles = hashlib.sha256(), array("d")

    def add(value: object) -> None:
        if isinstance(value, float):
            sha.update(b"double;")
            doubles.append(value)
        elif isinstance(value, np.ndarray):
            sha.update(f"{value.dtype} {len(value)};".encode())
            if value.dtype.kind == "f":
                doubles.frombytes(value.astype("float64").tobytes())
            else:
                sha.update(value.tobytes())
        elif isinstance(value, dict):
            sha.update(f"dict {len(value)};".encode())
            for key, one in value.items():
                add(key)
                add(one)
        elif isinstance(value, list):
            sha.update(f"list {len(value)};".encode())
            for one in value:
                add(one)
        else:
            sha.update(f"{value!r};".encode())

    add(found)
    return Answer(sha.hexdigest(), doubles, error)


def differences(wanted: Asked, found: Asked) -> list[str]:
    """The questions that two engines answer differently, or one of them not at all."""
    return [
        name
        for name, one in wanted.answers.items()
        if one.error or not one.is_same(found.answers[name])
    ]


def apart(one: object, other: object, at: str = "") -> str:
    """Where two answers differ first; empty if they do not."""
    pairs: Mapping[str, tuple[object, object]]
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and len(one) == len(other):
        one, other = one.tolist(), other.tolist()
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = {f"{at}.{key}": (one[key], other[key]) for key in one}
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = {f"{at}[{n}]": pair for n, pair in enumerate(zip(one, other, strict=True))}
    elif in_short(one).is_same(in_short(other)):
        return ""
    else:
        return f"{at}: {str(one)[:160]} | {str(other)[-400:]}"
    return next((said for place, (a, b) in pairs.items() if (said := apart(a, b, place))), "")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--full", action="store_true", help=f"so many people instead: {FULL}")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--only", default="", help="questions whose name has this in it")
    parser.add_argument("--each-metric", action="store_true", help="every metric alone too")
    parser.add_argument("--show", action="store_true", help="say both answers where they differ")
    parser.add_argument("--brief", action="store_true", help="all rules at once, none alone")
    parser.add_argument("--slow", type=float, default=_SLOW, help="seconds that are worth telling")
    parser.add_argument("--seconds", type=float, default=600, help="for each question")
    given = parser.parse_args()
    sizes: dict[int, list[str]] = {}
    for engine in filter(None, given.engines.split(",")):
        sizes.setdefault(FULL[engine] if given.full else given.people, []).append(engine)
    failed = False
    for people, engines in sizes.items():
        with tempfile.TemporaryDirectory() as folder:
            failed |= not _agree(people, engines, Path(folder), given)
    return 1 if failed else 0


def _agree(people: int, engines: list[str], folder: Path, given: argparse.Namespace) -> bool:
    """Whether these engines answer as DuckDB does, of a market of so many people."""
    began = time.monotonic()
    market = Market(people, folder / "market", given.seed)
    print(f"{people} people, {market.events} events, made in {_since(began)}", flush=True)

    def asked(name: str, url: str = "") -> Asked:
        """The answers of one engine; what it needed of the disk is gone afterwards."""
        began = time.monotonic()
        with (
            tempfile.TemporaryDirectory(dir=folder) as place,
            loaded(market, Path(place), url) as warehouse,
        ):
            print(f"{name}: loaded in {_since(began)}", flush=True)
            began = time.monotonic()
            found = ask(
                warehouse,
                folder / "answers" / name if given.show else None,
                given.only,
                each_metric=given.each_metric,
                brief=given.brief,
                seconds=given.seconds,
                slow=given.slow,
            )
        print(f"{name}: {len(found.answers)} questions asked in {_since(began)}", flush=True)
        return found

    wanted = asked("duckdb")
    for name, error in wanted.errors.items():
        print(f"  {name}: {error}")
    failed = bool(wanted.errors)
    for engine in engines:
        with ExitStack() as stack:
            try:
                url = stack.enter_context(ENGINES[engine](folder / engine))
            except NotHere as reason:
                print(f"{engine}: SKIPPED, {reason}")
                continue
            found = asked(engine, url)
        other = differences(wanted, found)
        number = len(found.answers)
        print(f"{engine}: {number - len(other)} of {number} the same, {len(other)} differ")
        for name in other:
            print(f"  {name}")
            if given.show:
                print(f"    {apart(wanted.whole(name), found.whole(name))}"[:2000])
        failed |= bool(other)
        sys.stdout.flush()
    return not failed


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
