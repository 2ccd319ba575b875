"""What a protocol does, and what is true of it."""
