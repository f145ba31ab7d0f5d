"""Runs a command and writes what it took as a line of JSON: `measure.py RESULT COMMAND...`.

Wall and processor time, in seconds, of the command and its children, and the most memory that one
of them held, in KiB. Exits as the command does.
"""

import json
import resource
import subprocess
import sys
import time

begin = time.monotonic()
status = subprocess.call(sys.argv[2:], stdin=subprocess.DEVNULL)
wall = time.monotonic() - begin
used = resource.getrusage(resource.RUSAGE_CHILDREN)
memory = used.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
with open(sys.argv[1], "w") as result:
    json.dump({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "kib": memory}, result)
sys.exit(status)
