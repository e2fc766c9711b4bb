"""A double of a ClickHouse server: its engine (chdb) behind the part of its HTTP that Muster uses.

One question at a time, one user, one disk: it proves that the SQL means the same, and nothing of
how a cluster behaves.
"""

from __future__ import annotations

import email
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chdb import session

_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*$")
_INSERT = re.compile(r"^\s*INSERT\s+INTO\s+(.+?)\s+FORMAT\s+(\w+)\s*$", re.S)
_NO_SETTINGS = {"query", "database", "query_id"}


class Door(BaseHTTPRequestHandler):
    """One request of the HTTP interface."""

    protocol_version = "HTTP/1.1"
    engine: session.Session
    lock = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        try:
            with self.lock, tempfile.TemporaryDirectory() as folder:
                answer = self._answer(said, body, Path(folder))
        except Exception as error:  # noqa: BLE001 - what the engine says goes to the client
            code = re.search(r"Code: (\d+)", str(error))
            self._reply(500, str(error).encode(), code[1] if code else "1")
        else:
            self._reply(200, answer)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, said: dict[str, str], body: bytes, folder: Path) -> bytes:
        if database := said.get("database"):
            self.engine.query(f"USE `{database}`")
        query = said.get("query") or body.decode()
        for name, value in said.items():
            if name.startswith("param_"):
                query = query.replace(f"{{{name[6:]}:String}}", f"'{value}'")
        files: dict[str, Path] = {}
        if self.headers.get("Content-Type", "").startswith("multipart"):
            files = self._files(body, folder)
        if inserted := _INSERT.match(query):
            rows = folder / "rows"
            rows.write_bytes(body)
            self.engine.query(
                f"INSERT INTO {inserted[1]} SELECT * FROM file('{rows}', '{inserted[2]}')"
            )
            return b""
        for name, file in files.items():
            rows_of = f"file('{file}', '{said[f'{name}_format']}', '{said[f'{name}_structure']}')"
            query = re.sub(
                rf"(?<=FROM )[\"`]{name}[\"`]|(?<=JOIN )[\"`]{name}[\"`]", rows_of, query
            )
        found = _FORMAT.search(query)
        settings = {
            k: v
            for k, v in said.items()
            if k not in _NO_SETTINGS
            and not k.startswith("param_")
            and k.rsplit("_", 1)[0] not in files
        }
        query = _FORMAT.sub("", query)
        if settings and re.match(r"\s*(SELECT|WITH|DELETE)\b", query):
            query += " SETTINGS " + ", ".join(f"{k} = '{v}'" for k, v in settings.items())
        answer = self.engine.query(query, found[1] if found else "TabSeparated")
        return bytes(answer.bytes() or b"") if answer is not None else b""

    def _files(self, body: bytes, folder: Path) -> dict[str, Path]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        files = {}
        for part in email.message_from_bytes(head + body).get_payload():
            name = part.get_param("name", header="content-disposition")
            files[name] = folder / name
            files[name].write_bytes(part.get_payload(decode=True))
        return files

    def _reply(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Door.engine = session.Session(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
