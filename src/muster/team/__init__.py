"""Team (PF1): who works here, what each may do, what they changed, and the machine's jobs."""
