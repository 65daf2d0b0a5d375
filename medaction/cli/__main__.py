"""``python -m medaction.cli``: the same as the `medaction` script, for whoever has the interpreter but not its PATH."""

from medaction.cli import main

main()
