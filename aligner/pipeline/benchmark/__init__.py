"""Measures the speed, memory and accuracy of installed speech models on this machine.

Every model is measured with every recogniser. Each pair runs in its own process, so that memory and
libraries loaded earlier favour none. The recording is ``reading.opus`` (42 s), in which a synthetic
voice reads ``reading.txt``, or one of the user's.

    figures.py        the measured figures, and the file that stores them
    subprocesses.py   chooses models and recognisers, and starts a process for each pair
    worker.py         what runs in that process
"""
