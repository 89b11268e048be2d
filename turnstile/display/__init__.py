"""The page in front of the gate: a process of its own that listens to the gate and serves one screen."""
