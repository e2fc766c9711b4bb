"""The workspace, and the people who sign in to it."""
