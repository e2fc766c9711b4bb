"""Training (PL13): a colleague learns a skill that a campaign lacks, item by item."""
