"""Who is right: judges other implementations and their logs."""
