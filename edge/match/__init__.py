"""The gallery in memory and the search in it."""
