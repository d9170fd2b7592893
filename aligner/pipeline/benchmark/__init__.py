"""Speech models on this disk -> what each costs and gives on this machine.

Every model is measured with every recogniser, each pair in a process of its own, so that neither
memory nor libraries that are loaded already favour one. They listen to ``reading.opus`` (42 s), a
synthetic voice that reads ``reading.txt``, or to a recording of the user's.

    figures.py        the types, and what is kept of them from run to run
    subprocesses.py   which models and recognisers, and a process for each
    worker.py         that process
"""
