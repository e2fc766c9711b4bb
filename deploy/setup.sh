#!/bin/sh
# A new machine's environment: Python packages, built pages, compiled translations.
set -eu
: "${PYTHON:=python3}"
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
# uv does in seconds what takes pip minutes; where it does not get through to the packages, pip does.
.venv/bin/python -m pip install --quiet --require-hashes -r requirements-setup.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-dev.lock \
  || .venv/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . 2>/dev/null \
  || .venv/bin/python -m pip install --quiet --no-deps --editable .

sh deploy/node.sh --prefix web ci --no-audit --no-fund --loglevel=error
sh deploy/node.sh --prefix web run --silent build
.venv/bin/python -m muster.config.words --compile
