"""Faults at random under load: `python3 -m tests.standin.chaos`."""
