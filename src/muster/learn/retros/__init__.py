"""The retrospective (LE1): what the numbers say, what the team says, what is kept."""
