"""Without hardware: people walk up to a simulated lane in real time, or a day is replayed from a file."""
