"""Testing the tests: changes one place of the code at a time, and sees whether a test notices.

Run it with ``PYTHONPATH=tests python -m mutation``; docs/architecture.md says how it works.
"""
