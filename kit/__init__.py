"""What every layer may use and that knows nothing of ours: errors, HTTP, clock, signing, text."""
