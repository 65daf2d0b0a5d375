"""Rules about the repository itself, read from its files: what reviews forget and machines do not."""
