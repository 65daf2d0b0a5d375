"""Text in flight. PostgreSQL is the truth; what is here may be lost at any moment and nothing is lost with it.

    keys           names in Redis
    client         connections, with limits that keep a hanging Redis from hanging us
    wire           the one place that writes and reads the bytes of events
    log            worker side: one writer for all answers of a process (AnswerLog per answer)
    ending         the last entry of a stream, written after commit
    cancel         the wish to stop, seen within a quarter of a second
    status         what PostgreSQL says about a job, as readers need it
    subscription   one browser's bounded queue
    topic, reader  web side: one reader (StreamHub) for all open pages of a process
    doorbell       "something changed", never what

Nothing here imports Django models: who may read, and what the database says, is handed in.
"""
