"""The brief in the review room: what is shown, and what an approval brings about (PL6)."""
