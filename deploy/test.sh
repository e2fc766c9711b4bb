#!/bin/sh
# All tests: tools first, then everything on SQLite, then the record store's part on a real PostgreSQL.
set -eu
BIN=.venv/bin
if [ -n "${1:-}" ]; then exec $BIN/pytest "$@"; fi
make --no-print-directory check
$BIN/pytest tests --ignore=tests/stories -n 2 --dist loadfile -m "not slow"
$BIN/python tests/postgres.py $BIN/pytest -n 2 --dist loadfile -m "not browser and not slow" \
  tests/team tests/plan tests/people tests/content tests/channels tests/learn --ignore=tests/channels/test_crash.py
$BIN/pytest tests/stories
