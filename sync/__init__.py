"""Attendance events from the gate to the hub, and nothing else."""
