"""Messages (CH1): the bytes of one message for one person, and the tokens in its links."""
