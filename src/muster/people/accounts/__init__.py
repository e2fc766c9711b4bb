"""Accounts (PE8): companies, who in them decides, and how warm they are."""
