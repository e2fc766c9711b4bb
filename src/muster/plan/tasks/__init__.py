"""Tasks (PL4): what has to be done, by whom, until when; one set of data for three views."""
