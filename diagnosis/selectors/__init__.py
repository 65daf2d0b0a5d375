"""Reads. ``cases`` · ``sessions`` (sessions, jobs, queue) · ``chat_models`` (what settings offer) · ``walkthrough``
(the whole page as one tree; its parts are in ``shapes``, built by ``board`` and ``reveal``)."""
