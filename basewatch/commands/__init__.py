"""One module a command group; ``basewatch/cli/`` names them all."""
