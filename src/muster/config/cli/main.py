"""What can be typed after `muster`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from muster.kit.errors import Refused, Unavailable
from muster.kit.memory import unsearched

Command = Callable[[argparse.Namespace], Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command: exit 0 done, 1 refused or failed with a sentence, 2 not understood."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)  # whatever is made in the data folder is for this user alone
    if options.data:
        os.environ["MUSTER_DATA"] = str(Path(options.data).expanduser().resolve())
    if "port" in options and "MUSTER_PUBLIC_URL_FILE" not in os.environ:
        os.environ.setdefault("MUSTER_PUBLIC_URL", f"http://localhost:{options.port}")
    if "host" in options:
        os.environ.setdefault("MUSTER_HOST", options.host)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "muster.config.settings")
    command: Command = options.run
    try:
        _prepare(options)
        answer = command(options)
    except Refused as refused:
        sys.exit(_failed(str(refused), options))
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        sys.exit(_failed(what, options))
    except Unavailable as error:
        sys.exit(_failed(str(error), options))
    except KeyboardInterrupt:
        sys.exit(130)
    if answer is not None:
        _show(answer, as_json=options.json)


def _prepare(options: argparse.Namespace) -> None:
    if getattr(options, "django", True):
        import django

        with unsearched():
            django.setup()


def _failed(sentence: str, options: argparse.Namespace) -> int:
    sys.stderr.write(sentence + "\n")
    if options.json:
        _show(getattr(options, "said", {"error": sentence}), as_json=True)
    return 1


def _show(answer: Any, *, as_json: bool) -> None:
    if as_json or not isinstance(answer, str):
        print(json.dumps(answer, ensure_ascii=False, indent=None if as_json else 2, default=str))
    else:
        print(answer)


def _parser() -> argparse.ArgumentParser:
    from muster.config.cli import commands as do

    parser = argparse.ArgumentParser(
        prog="muster", description="Marketing campaigns, from goal to result."
    )
    parser.add_argument("--data", metavar="DIR", help="the data folder (default ~/.muster)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str, into: Any = commands) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = into.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    def group(name: str, text: str) -> Any:
        return commands.add_parser(name, help=text, description=text).add_subparsers(
            required=True, metavar="WHAT"
        )

    up = add("up", do.up, "run Muster on this machine")
    up.add_argument("--host", default="127.0.0.1")
    up.add_argument("--port", type=int, default=8000)
    up.add_argument("--demo", action="store_true", help="with sample campaigns, signed in")
    up.add_argument("--open", action="store_true", help="open the browser")
    demo = add("demo", do.demo, "run Muster with sample campaigns in a throw-away folder")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--open", action="store_true")
    demo.set_defaults(django=False)
    for name, run, text, usual in (
        ("web", do.web, "run the pages and the API alone (with loader, jobs and clock)", 8000),
        ("collect", do.collect, "run the door for events alone; several may run", 8001),
    ):
        part = add(name, run, text)
        part.add_argument("--host", default="127.0.0.1")
        part.add_argument("--port", type=int, default=usual)
    add("work", do.work, "run loader, jobs and clock alone, without pages")
    add("send", do.send, "send the messages that wait (a process of its own)")
    add("check", do.check, "look whether everything is in order, and say what to do")
    add("migrate", do.migrate, "bring the record store up to date")
    add("rebuild", do.rebuild, "build the warehouse anew from the event log")
    keep = add("backup", do.backup, "write all that Muster keeps into one file")
    keep.add_argument("file", type=Path)
    back = add("restore", do.restore, "put a backup in the place of what is here; sending is held")
    back.add_argument("file", type=Path)
    add("reconcile", do.reconcile, "messages of which nobody knows whether they arrived")

    user = add("add", do.add_user, "let someone sign in", group("user", "people who sign in"))
    user.add_argument("email")
    user.add_argument("--role", required=True)
    user.add_argument("--name", default="")
    user.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    token = add("add", do.add_token, "make an API token", group("token", "API tokens"))
    token.add_argument("name")
    token.add_argument("--scope", action="append", required=True, metavar="S")
    token.add_argument("--user", metavar="EMAIL", help="for whom it acts (default: the owner)")
    key = add("add", do.add_key, "make a write key for the collector", group("key", "write keys"))
    key.add_argument("name")

    bring = group("import", "bring people or events in")
    for what, run in (("people", do.import_people), ("events", do.import_events)):
        command = add(what, run, f"import {what} from a file", bring)
        command.add_argument("file", type=Path)
        command.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD")
        if what == "people":
            command.add_argument(
                "--dry-run", action="store_true", help="only say what would happen"
            )
            command.add_argument(
                "--sheet", metavar="NAME", help="the sheet of a workbook (default: the first table)"
            )
            command.add_argument(
                "--header-row",
                type=int,
                metavar="N",
                help="the row of the column names, from 1 (default: the first not empty)",
            )
            command.add_argument(
                "--value",
                action="append",
                default=[],
                metavar="COLUMN:VALUE=BECOMES",
                help="what a value of a trait's column becomes; nothing behind = leaves it out",
            )
        else:
            command.add_argument(
                "--event", metavar="NAME", help="the event's name, where no column has it"
            )
    give = add(
        "people", do.export_people, "people of a segment as CSV", group("export", "take people out")
    )
    give.add_argument("--segment", required=True, metavar="S")
    segment = group("segment", "ask rules")
    for what, run, text in (
        ("count", do.count_segment, "how many people match a rule"),
        ("people", do.segment_people, "who matches a rule"),
    ):
        add(what, run, text, segment).add_argument("rule", type=Path, metavar="RULE.json")

    report = group("report", "read results")
    attribution = add(
        "attribution", do.report_attribution, "credit per channel or campaign", report
    )
    for name in ("conversion", "from", "to", "window", "models", "reset", "group_by"):
        attribution.add_argument(f"--{name.replace('_', '-')}", dest=name)
    roi = add("roi", do.report_roi, "cost, revenue and ROI", report)
    roi.add_argument("--campaign")
    roi.add_argument("--by", choices=["channel", "week", "phase"])
    funnel = add("funnel", do.report_funnel, "how many people took each step", report)
    funnel.add_argument("--step", action="append", required=True, metavar="EVENT")
    funnel.add_argument("--within")
    rfm = add("rfm", do.report_rfm, "recency, frequency and value", report)
    rfm.add_argument("--as-of", dest="as_of")
    return parser
