"""Protocol diagrams, drawn from the same tables that are run and proved."""
