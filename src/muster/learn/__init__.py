"""Learn (LE): what we do better next time."""
