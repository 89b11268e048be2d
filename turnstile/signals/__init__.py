"""Lamps and a buzzer at the gate: the cue for whoever does not see the display."""
