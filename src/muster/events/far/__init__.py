"""The event log between machines: NATS JetStream brings the owner what others wrote (PF1)."""
