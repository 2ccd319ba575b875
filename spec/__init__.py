"""What a protocol says: declarations only. Nothing here runs a protocol."""
