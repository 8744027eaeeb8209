"""The spiders: ``outlets`` is the daemon's, fed from a queue for months; ``feed`` is for people who test one feed."""
