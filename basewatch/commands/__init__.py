"""One module a command group; ``basewatch/cli.py`` names them all."""
