"""E-mails made of blocks (CO3): written once, rendered by the server for every person."""
