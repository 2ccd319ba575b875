"""Whether a system does what test vectors say: vectors run, answers compared, findings told."""
