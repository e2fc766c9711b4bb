"""Strategy (PL1, PL12): stages and touchpoints, personas, competitors, and what we leave out."""
