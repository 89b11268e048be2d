"""Model weights: where they come from, how they are checked, how they are converted."""
