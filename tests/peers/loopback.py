"""For servers that cannot choose a free port themselves: an address of loopback that is nobody else's,
and a child that ends with us."""

import ctypes
import os
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1


def own_address():
    """An address in 127.128.0.0/10: the number of this process makes it one of its own."""
    pid = os.getpid()
    return "127.%d.%d.%d" % (128 + (pid >> 16) % 64, pid >> 8 & 255, pid & 255)


def run_until(ready, command, **options):
    """Starts a program and waits for the line that holds `ready`; answers the process. Linux ends it when
    we end, however that comes about. What it says later is dropped."""
    libc = ctypes.CDLL(None)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        **options,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if ready in line:
            return process
    raise SystemExit("%s did not start:\n%s" % (command[0], "".join(said)))


def listening(process, address, port):
    """Waits until a program listens that says so a moment too early."""
    while process.poll() is None:
        try:
            return socket.create_connection((address, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise SystemExit("the server ended before it listened")
