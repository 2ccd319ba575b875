from __future__ import annotations
CLAIMS: tuple = ()
