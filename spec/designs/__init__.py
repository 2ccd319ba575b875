"""Dose-escalation designs as parametric machines."""
