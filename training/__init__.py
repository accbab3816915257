"""The recipe that makes ``models/default``: run it with ``python -m training``."""
