"""Calendars: which dose is due on which day, as a plan or after a history."""
