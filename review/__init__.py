"""Expert annotation of trajectories. May import ``diagnosis``; ``diagnosis`` never imports it (held by import-linter)."""
