"""The wires: how Muster speaks to mail servers and other houses."""
