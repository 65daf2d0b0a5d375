"""Work-ups written for training, with errors put in on purpose: data, read by ``services.examples``."""
