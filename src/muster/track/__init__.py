"""What people do: write keys, the tracker, what links mean (TR)."""
