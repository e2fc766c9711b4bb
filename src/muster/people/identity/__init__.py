"""Which person is behind an id, an address or a phone number (PE1)."""
