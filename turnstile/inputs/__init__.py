"""Where passage and fire signals come from, one file each."""
