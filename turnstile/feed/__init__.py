"""What the gate shows and how it is, told to viewers on the same device: the display and the monitor."""
