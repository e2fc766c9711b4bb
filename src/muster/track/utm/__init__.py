"""Tagged addresses (TR2): a link says which campaign, channel and part of the message it was in."""
