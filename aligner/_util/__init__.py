"""Small tools that every part of the program may use; none of them knows what aligner does.

atomic_write.py      writes a file or a folder whole, or leaves what was there
concurrency.py       counts the cores, runs work in threads, prepares a value ahead of time
distribution.py      the name of the package and the commands that install its extras
helper_process.py    runs programs on what strangers made, as processes with limits
helper_program.py    is what these programs have in common
inspector.py         reads the headers of media files in such processes
malloc.py            tells the C library to keep freed memory or to give it back
media_container.py   opens media files with PyAV
player_clock.py      decides where time 0 of a recording is
strict_json.py       reads JSON from outside; whatever is wrong with it is a ValueError
telemetry.py         keeps libraries from reporting their use
"""
