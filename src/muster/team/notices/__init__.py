"""What people are told: one notice per thing, brought up to date in place (PF, ux §1.6)."""
