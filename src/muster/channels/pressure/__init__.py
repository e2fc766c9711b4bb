"""Contact pressure (PL7, CH8): how often people will hear from us, before anything is sent."""
