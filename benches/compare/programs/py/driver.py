"""driver.py PROGRAM N [DOCUMENT]: runs one program in CPython and prints what it cost."""
import json
import operator
import sys
import time

path, n = sys.argv[1], int(sys.argv[2])
# A C function that answers its first argument if the other is 1: only the call is measured.
space = {"__name__": "program", "ask": operator.floordiv}
if len(sys.argv) > 3:
    with open(sys.argv[3]) as file:
        space["INPUT"] = file.read()
with open(path) as file:
    source = file.read()


def cpu():
    return time.clock_gettime_ns(time.CLOCK_PROCESS_CPUTIME_ID)


start = cpu()
exec(compile(source, path, "exec"), space)
loaded = cpu()
check = space["main"](n)
done = cpu()
try:
    with open("/proc/self/status") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
except OSError:
    peak = 0
print(json.dumps({"load_ns": loaded - start, "run_ns": done - loaded, "peak_kb": peak, "check": str(check)}))
