"""Small-budget mode (PL13): two or three channels that brought most, and what each may cost."""
