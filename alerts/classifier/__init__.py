"""Recognises new attacks on the watched sites and forces, in every language that has a lexicon."""

from alerts.classifier.classifier import Classifier

__all__ = ["Classifier"]
