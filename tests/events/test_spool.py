"""The event log keeps what it acknowledged, whole lines only."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from muster.events import spool
from muster.events.far.link import locked
from muster.events.shape import iso
from muster.events.spool import GroupCommit, Position, SpoolFull, SpoolWriter, positions


def lines_of(folder):
    return [
        json.loads(line)
        for place in positions(folder)
        for line in (folder / place.segment).read_bytes().splitlines()
    ]


class TestAppending:
    def test_keeps_the_event_as_it_was_sent(self, tmp_path):
        SpoolWriter(tmp_path, "server").append("key:web", [b'{"a": 1.50}', b'{"b":"\xe4\xb8\x8a"}'])
        content = (tmp_path / positions(tmp_path)[0].segment).read_bytes()
        assert b'"from":"key:web","e":{"a": 1.50}}\n' in content
        assert b'"e":{"b":"\xe4\xb8\x8a"}}\n' in content

    def test_the_position_is_the_end_of_what_was_written(self, tmp_path):
        writer = SpoolWriter(tmp_path, "server")
        writer.append("muster", [b"{}"])
        place = writer.append("muster", [b"{}", b"{}"])
        assert [place] == positions(tmp_path)
        assert place.offset == (tmp_path / place.segment).stat().st_size

    def test_an_event_over_many_lines_becomes_one(self, tmp_path):
        event = json.dumps({"a": {"b": "x\ny"}}, indent=2).replace("\n", "\r\n").encode()
        SpoolWriter(tmp_path, "server").append("muster", [event])
        assert [line["e"] for line in lines_of(tmp_path)] == [{"a": {"b": "x\ny"}}]

    def test_each_writer_begins_its_own_segment(self, tmp_path):
        for _start in range(2):
            SpoolWriter(tmp_path, "server").append("muster", [b"{}"])
        SpoolWriter(tmp_path, "sender").append("muster", [b"{}"])
        assert len({place.segment for place in positions(tmp_path)}) == 3

    def test_a_full_segment_is_followed_by_the_next(self, tmp_path):
        writer = SpoolWriter(tmp_path, "server", segment_bytes=100)
        for number in range(5):
            writer.append("muster", [b'{"n":%d}' % number])
        assert len(positions(tmp_path)) == 3
        assert [line["e"]["n"] for line in lines_of(tmp_path)] == [0, 1, 2, 3, 4]

    def test_a_segment_is_let_go_when_it_is_old(self, tmp_path):
        def is_over(name):
            with (tmp_path / name).open("rb") as file:
                return locked(file)

        writer = SpoolWriter(tmp_path, "server")
        first = writer.append("muster", [b"{}"]).segment
        writer.let_go(60)
        assert not is_over(first)
        assert writer.append("muster", [b"{}"]).segment == first
        writer.let_go(0)
        assert is_over(first)
        assert writer.append("muster", [b"{}"]).segment != first

    def test_many_threads_do_not_mix_their_lines(self, tmp_path):
        writer = SpoolWriter(tmp_path, "server")

        def append(thread):
            for number in range(50):
                writer.append("muster", [b'{"t":%d,"n":%d}' % (thread, number)])

        threads = [threading.Thread(target=append, args=[t]) for t in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = {(line["e"]["t"], line["e"]["n"]) for line in lines_of(tmp_path)}
        assert found == {(t, n) for t in range(4) for n in range(50)}

    def test_many_pieces_stand_one_after_the_other(self, tmp_path):
        """The system takes 1024 at once."""
        pieces = [b'{"n":%d}\n' % number for number in range(2500)]
        place = SpoolWriter(tmp_path, "server").append_lines(*pieces)
        assert (tmp_path / place.segment).read_bytes() == b"".join(pieces)
        assert place.offset == sum(map(len, pieces))

    def test_pieces_that_are_taken_in_part_are_written_to_the_end(self, tmp_path, monkeypatch):
        write_all = os.writev
        monkeypatch.setattr(
            os, "writev", lambda file, pieces: write_all(file, [pieces[0], pieces[1][:3]])
        )
        pieces = [b'{"n":1}\n', b'{"n":2}\n', b'{"n":3}\n']
        place = SpoolWriter(tmp_path, "server").append_lines(*pieces)
        assert (tmp_path / place.segment).read_bytes() == b"".join(pieces)
        assert place.offset == sum(map(len, pieces))

    def test_the_line_says_when_it_was_received_in_utc(self):
        at = datetime(2026, 11, 22, 16, 30, tzinfo=timezone(timedelta(hours=8)))
        line = json.loads(spool.lines(iso(at), "muster", [b"{}"]))
        assert line["at"] == "2026-11-22T08:30:00.000000Z"

    def test_there_is_nothing_in_a_folder_that_is_not_there(self, tmp_path):
        assert positions(tmp_path / "none") == []


FILL = """
import resource, signal, sys
from pathlib import Path
from muster.events.spool import SpoolFull, SpoolWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
writer = SpoolWriter(Path(sys.argv[1]), "server")
kept = 0
while True:
    try:
        writer.append("muster", [b'{"n":%d}' % kept])
    except SpoolFull:
        break
    kept += 1
print(kept)
try:
    writer.append("muster", [b'{"big":"%b"}' % (b"x" * 2000)])
except SpoolFull:
    print("full")
writer.append("muster", [b'{"n":%d}' % kept])
"""


FILL_BY_PIECES = """
import resource, signal, sys
from pathlib import Path
from muster.events.spool import SpoolFull, SpoolWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
writer = SpoolWriter(Path(sys.argv[1]), "server")
writer.append_lines(b'{"n":0}\\n', b'{"n":1}\\n')
try:
    writer.append_lines(*[b'{"big":"%b"}\\n' % (b"x" * 290) for _each in range(4)])
except SpoolFull:
    print("full")
writer.append_lines(b'{"n":2}\\n', b'{"n":3}\\n')
"""


def said_by(program: str, folder: Path) -> list[str]:
    """The words that a program prints that fills the folder."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    return done.stdout.split()


class TestADiskThatIsFull:
    def test_keeps_none_of_the_pieces_of_a_refused_group(self, tmp_path):
        said = said_by(FILL_BY_PIECES, tmp_path)
        assert said == ["full"]
        assert lines_of(tmp_path) == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]

    def test_refuses_and_leaves_nothing_half_written(self, tmp_path):
        said = said_by(FILL, tmp_path)
        kept, refused = said
        assert refused == "full"
        assert [line["e"]["n"] for line in lines_of(tmp_path)] == list(range(int(kept) + 1))

    def test_refusals_leave_no_empty_segments(self, tmp_path, monkeypatch):
        """The end of a file can be cut, and a folder takes names, where no block is left."""
        writer = SpoolWriter(tmp_path, "server")
        first = writer.append("muster", [b'{"n":0}'])
        write, full = os.write, True

        def refusing(file, data):
            if full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(file, data)

        monkeypatch.setattr(os, "write", refusing)
        for _again in range(20):
            with pytest.raises(SpoolFull):
                writer.append("muster", [b'{"n":1}'])
        assert positions(tmp_path) == [first]
        full = False
        second = writer.append("muster", [b'{"n":2}'])
        assert second.segment != first.segment
        assert positions(tmp_path) == [first, second]
        assert [line["e"]["n"] for line in lines_of(tmp_path)] == [0, 2]

    def test_a_folder_that_cannot_be_written_is_told(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(SpoolFull):
            SpoolWriter(tmp_path / "file", "server").append("muster", [b"{}"])


class TestWritingInGroups:
    def test_everyone_is_answered_with_a_place_behind_their_line(self, tmp_path):
        async def many():
            log = GroupCommit(SpoolWriter(tmp_path, "server"))
            events = [b'{"n":%d}' % n for n in range(200)]
            places = await asyncio.gather(*(log.append("muster", [one]) for one in events))
            await log.close()
            return places

        places = asyncio.run(many())
        assert max(places) == positions(tmp_path)[0]
        assert sorted(line["e"]["n"] for line in lines_of(tmp_path)) == list(range(200))

    def test_everyone_of_a_group_hears_that_the_disk_is_full(self, tmp_path):
        (tmp_path / "file").write_text("")

        async def many():
            log = GroupCommit(SpoolWriter(tmp_path / "file", "server"))
            return await asyncio.gather(
                *(log.append("muster", [b"{}"]) for _ in range(3)), return_exceptions=True
            )

        assert [type(answer) for answer in asyncio.run(many())] == [SpoolFull] * 3


def test_positions_are_ordered_by_the_start_of_their_writer(tmp_path):
    for name in ("b-20260101000000000000-000001", "a-20260101000000000001-000001"):
        (tmp_path / f"{name}.ndjson").write_text("x\n")
    (tmp_path / "notes.txt").write_text("not a segment")
    assert [place.segment[0] for place in positions(tmp_path)] == ["b", "a"]
    assert positions(tmp_path)[0] == Position("b-20260101000000000000-000001.ndjson", 2)
