"""`python -m muster` is the `muster` command."""

from muster.config.cli import main

main()
