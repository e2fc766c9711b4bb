"""The fact sheet (S08): one price, one date, one limit, said the same everywhere."""
