"""From a camera to face vectors."""
