"""Links (CO3): what the opens and clicks of a message stand for."""
