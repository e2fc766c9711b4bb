"""Who looks at the same page now (ux §1.9)."""
