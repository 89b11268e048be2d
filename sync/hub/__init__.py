"""The hub at the school: stores what gates report and tells the parents."""
