"""Runs Django's own tests with this module's Go code in place of Django's: see ../README.md."""
