"""The one error that bad input raises: what is wrong, where, and what to do."""

from __future__ import annotations


class SpecError(Exception):
    """A specification, document or log can't be used as it stands.

    ``where`` names the place (a clause, a file, a row), ``text`` the offending source and
    ``column`` the 0-based position in it that a caret is drawn under.

    >>> print(SpecError("unknown name 'tretaed'", text="tretaed == 3", column=0, where="IBR-05"))
    IBR-05: unknown name 'tretaed'
      tretaed == 3
      ^
    """

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        text: str = "",
        column: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.text = text
        self.column = column
        self.hint = hint

    def within(self, where: str) -> SpecError:
        """The same error, with an enclosing place put in front of the one it names."""
        place = f"{where}: {self.where}" if self.where else where
        return SpecError(
            self.message, where=place, text=self.text, column=self.column, hint=self.hint
        )

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.text:
            lines.append(f"  {_window(self.text, self.column)[0]}")
            if self.column is not None:
                lines.append("  " + " " * _window(self.text, self.column)[1] + "^")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


def _window(text: str, column: int | None, width: int = 100) -> tuple[str, int]:
    """The part of a long text around a column, and where the column falls in it."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    if len(flat) <= width:
        return flat, column or 0
    start = max(0, (column or 0) - width // 2)
    return ("..." if start else "") + flat[start : start + width], (column or 0) - start + (
        3 if start else 0
    )
