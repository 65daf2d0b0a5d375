"""The clinical game, without any I/O: what a case is, what may be ordered, what is answered, how a turn is read.

    case         Case, MenuItem, Diagnosis: what is known, what can be found, what is true; fields reads them
    observation  what the environment shows: cited segments of text, and results of orders
    actions      what a turn holds: reasoning, differential, and an order or a final diagnosis
    environment  Environment: reset, step, replay; oracle answers its orders, tally adds up cost, time and risk
    matching     from the words of an order to an item of the menu. Below it: orders splits composites, scans compares
                 imaging by body site, naming looks up the catalogue (the authored table of tests), vocabulary folds
                 spellings and synonyms
    spelling     slips of the keyboard undone, for the matcher; noise makes them, for robustness runs
    parser       TurnParser: any model text, in any chunks, to parts and a Turn. Below it: lenient_json reads,
                 turn_paths says where a value belongs, turn_reading what the parts mean
    transcript   the JSON dialect: its schema and its writer
    prompt       messages for a model, byte-stable from turn to turn
    tree         TrajectoryTree: parent-linked nodes, hashed over their canonical form
    branch       Branch: one path of a tree, as turns and observations
    lifecycle    states of a generation job

Everything is deterministic: the same case and the same actions give the same observations, byte for byte.
"""
