"""Simulated parts of a gate, down to the bytes: product code for demonstrations and for the tests."""
