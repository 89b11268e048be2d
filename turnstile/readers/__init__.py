"""Physical card readers at the gate, one file each."""
