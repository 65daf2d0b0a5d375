"""The clinical game, without any I/O: what a case is, what may be ordered, what is answered, how a turn is read.

    case         Case, MenuItem, Diagnosis: what is known, what can be found, what is true
    observation  what the environment shows: cited segments of text, and results of orders
    actions      what a turn holds: reasoning, differential, and an order or a final diagnosis
    environment  Environment: reset, step, replay; built on oracle (answers orders) and tally (cost, time, risk)
    matching     from the words of an order to a menu item; orders splits composites, vocabulary holds the words,
                 imaging compares scans by site, catalogue is the authored table of tests
    parser       TurnParser: any model text, in any chunks, to parts and a Turn; lenient_json is its reader
    transcript   the JSON dialect: its schema and its writer
    prompt       messages for a model, byte-stable from turn to turn
    tree         TrajectoryTree: parent-linked, content-hashed nodes
    lifecycle    states of a generation job

Everything is deterministic: the same case and the same actions give the same observations, byte for byte.
"""
