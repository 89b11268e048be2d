"""Consents and sealed templates on disk."""
