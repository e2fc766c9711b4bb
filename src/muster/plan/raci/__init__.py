"""RACI (PL5): who does it, who answers for it, who is asked and who is told."""
