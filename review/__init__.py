"""Expert annotation of trajectories. May import ``diagnosis``; ``diagnosis`` never imports it (import-linter)."""
