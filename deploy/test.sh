#!/bin/sh
# All tests: tools first, then everything on SQLite, then the record store's part on a real PostgreSQL.
set -eu
BIN=.venv/bin
if [ -n "${1:-}" ]; then exec $BIN/pytest "$@"; fi
make --no-print-directory check
# Those that start processes of their own come first, so that neither worker is left with them alone.
$BIN/pytest tests/config tests/channels tests/collector tests/warehouse tests \
  --ignore=tests/stories -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"
# Statements and locks that differ between the stores; `make soak` runs every test of records there.
$BIN/python tests/postgres.py $BIN/pytest -n 2 --dist loadfile -m "not browser and not slow" \
  tests/channels tests/people/test_identity.py tests/people/test_imports.py tests/people/test_segments.py \
  tests/team/test_jobs.py tests/team/test_notices.py tests/team/test_comments.py \
  tests/plan/test_approvals.py tests/plan/test_approval_policies.py tests/plan/test_budget_balances.py \
  tests/plan/test_facts.py tests/plan/test_listing.py tests/plan/test_materials.py tests/plan/test_starting.py \
  tests/plan/test_tasks.py tests/plan/test_vendors.py --ignore=tests/channels/test_crash.py
$BIN/pytest tests/stories -n 2 --dist loadfile -m "not slow"
