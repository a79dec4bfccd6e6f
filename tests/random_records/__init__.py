"""Records as nobody should send them, and what the loader makes of them.

``python -m tests.random_records 100000`` tries so many; the suite tries a few hundred.
"""
