"""``python -m basewatch`` is the command ``basewatch``."""

from basewatch.cli import main

main()
