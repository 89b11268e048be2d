"""Turnstile controllers, one file each."""
