#!/usr/bin/env python3
"""A vLLM or SGLang that runs on this machine, with a small model.

  real_server.py start vllm|sglang MODEL_DIR PORT LOG     prints its process id once it answers
  real_server.py kill PID                                 at once, with everything that it started

MOESCOPE_VLLM is the program `vllm`, MOESCOPE_SGLANG a Python in which SGLang is installed. MOESCOPE_VLLM_OPTIONS and
MOESCOPE_SGLANG_OPTIONS are options that this machine needs, such as "--enforce-eager"; the environment is passed on.
"""
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

MODEL = "tiny"
STARTED = []  # which outlive the call that started them
PATIENCE = 1800  # seconds; the first start of a server may compile, and a busy machine is slow


def command(kind, model, port):
    common = ["--served-model-name", MODEL, "--host", "127.0.0.1", "--port", str(port), "--dtype", "float32",
              "--trust-remote-code", "--enable-return-routed-experts"]
    if kind == "vllm":
        start = [os.environ["MOESCOPE_VLLM"], "serve", model, "--max-num-seqs", "4"]
    else:
        start = [os.environ["MOESCOPE_SGLANG"], "-m", "sglang.launch_server", "--model-path", model, "--enable-metrics"]
    return start + common + shlex.split(os.environ.get("MOESCOPE_%s_OPTIONS" % kind.upper(), ""))


def get(url, timeout=10):
    """The text at an address of this machine, past all proxies; nothing if there is none."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=timeout) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


def start(kind, model, port, log):
    """Gives its process id; RuntimeError with the end of what it said if it does not come up."""
    url = "http://127.0.0.1:%d/health" % port
    with open(log, "ab") as out:
        process = subprocess.Popen(command(kind, model, port), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   start_new_session=True)
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if get(url) is not None:
            STARTED.append(process)
            return process.pid
        time.sleep(0.5)
    kill(process.pid)
    with open(log, errors="replace") as said:
        raise RuntimeError("%s does not start:\n%s" % (kind, said.read()[-4000:]))


def kill(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for process in STARTED:
        if process.pid == pid:
            process.wait()


def generated(kind, port):
    """Tokens that the server has computed for answers since it runs."""
    name = {"vllm": "vllm:generation_tokens_total", "sglang": "sglang:generation_tokens_total"}[kind]
    lines = (get("http://127.0.0.1:%d/metrics" % port) or "").splitlines()
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name)))


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[1] == "start":
        print(start(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]))
    elif len(sys.argv) == 3 and sys.argv[1] == "kill":
        kill(int(sys.argv[2]))
    else:
        sys.exit(__doc__)
