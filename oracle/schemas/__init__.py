"""JSON Schemas of the files and answers that other tools read and write."""
