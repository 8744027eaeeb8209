"""The shell around the parts: command line, daemon, demo, replay, evaluation."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("basewatch")
except PackageNotFoundError:  # run from a bare checkout, not installed
    __version__ = "0+unknown"
