"""Every process of the demo, started with one command: ``python -m medaction_site.stack up|down|status|exec``.

``plan`` decides what runs and where (`external` checks what the environment replaces, `postgres` and `valkey` set up
what is embedded, `ports` finds free ones, the Procfile says how) → ``supervisor`` keeps one process running and
watches its `health` → ``up`` brings all of them up in order and takes them down again. ``home`` is the one folder
that holds the data, ``record`` what runs now; ``prepare`` is the only module here that loads Django.
"""
