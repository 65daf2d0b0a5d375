"""Asking a language model.

`port` says what a model is. `openai_compatible` reaches one over HTTP (`connection` → `sse` → `answer`, watched by
`watchdog`); `scripted` plays one from `scripts/*.yaml` (`script` → `rote`); `embedded` serves the weights that come
with the project. `registry.open_model` turns a description into a model. Every failure is a `ModelError`.
"""
