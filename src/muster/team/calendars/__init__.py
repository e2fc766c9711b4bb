"""When people work here: the workspace's own days, and who is away."""
