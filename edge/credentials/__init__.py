"""Credentials besides the face: signed passes and cards, and how they are checked."""
