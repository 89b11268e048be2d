"""What the device knows and decides: a library without a network."""
