"""What the plan's templates draw."""
