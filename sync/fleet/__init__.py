"""A district on one machine: simulated gates over real connections, and the servers they need."""
