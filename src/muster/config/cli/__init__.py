"""The `muster` command."""

from muster.config.cli.main import main

__all__ = ["main"]
