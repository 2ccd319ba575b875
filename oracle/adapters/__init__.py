"""Other people's systems, asked by five verbs: a Python class, or a program over JSON lines."""
