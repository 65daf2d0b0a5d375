"""How fast and how frugal the live dialogue is (quality.md P1–P4): `python -m benchmarks [p1 p2 p3 p4] --json OUT`.

The real app runs pinned to one core: PostgreSQL, Valkey, web, Celery worker and beat, started by the project's own
stack runner in a scratch folder. The fake upstream and the load run on the other cores. Beside it, in the same run:
the same load read from the upstream directly, and a Channels server to which each token goes by `group_send` through
the same Valkey. Every figure is the median of its runs, mostly five, with the worst beside it (`--quick`: one run).

    cores        which process may run where
    processes    on the app's core
    account      CPU time and memory by part
    app          the real app: start, sign in, measure, stop
    visitor      one browser, as light as it can be: sign in, press Watch, read the event stream
    stream       what one stream delivered, and when
    load         many streams at once; a window in which all of them are live
    direct       the same load from the upstream itself
    channels     the same load through Channels; `channels_server` and `channels_producer` are its two processes
    context      what every measurement is given
    p1, p2, p4   the figures; P3 is read from the runs of P2
    numbers      percentiles, medians, worsts
    report       the table and the JSON
"""
