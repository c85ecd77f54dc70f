#!/usr/bin/env python3
"""What the window takes while it does nothing: memory and processor, without a model.

bench_rest.py MOESCOPE [SECONDS] [DATA_DIR]; QT_QPA_PLATFORM chooses the platform (xcb under Xvfb, offscreen).
"""
import os
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30


def status(pid, field):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field + ":")) / 1000


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


with tempfile.TemporaryDirectory() as folder:
    data = sys.argv[3] if len(sys.argv) > 3 else folder
    p = subprocess.Popen([program, "--no-model", "--data-dir", data])
    try:
        time.sleep(8)  # the start, and the backup after it
        if p.poll() is not None:
            sys.exit("The program ended at once; QT_QPA_PLATFORM must name a platform that is there.")
        before = cpu_seconds(p.pid)
        time.sleep(seconds)
        used = cpu_seconds(p.pid) - before
        print(f"at rest        {status(p.pid, 'VmRSS'):.0f} MB resident ({status(p.pid, 'RssAnon'):.0f} MB its own), "
              f"{used:.2f} s of processor in {seconds:.0f} s: {100 * used / seconds:.2f} %")
    finally:
        p.kill()
        p.wait()
