"""Where outlets list what they publish: one module a kind, each pure, bytes to items, under one contract (items.py).

``readers.py`` knows them all; it is imported in the worker process alone, since the parsers' libraries are heavy.
"""
