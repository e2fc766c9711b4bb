"""Finding people, and seeing and changing one of them (PE1)."""
