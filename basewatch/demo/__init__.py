"""``basewatch demo``: an invented newsroom on loopback, the real daemon, and receivers that check what arrives."""
