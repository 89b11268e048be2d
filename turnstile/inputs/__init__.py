"""Where signals about passages, fire and the turnstile itself come from, one file each."""
