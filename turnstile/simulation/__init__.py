"""Rehearsals without hardware: people who walk up to a simulated lane in real time."""
