"""Stands for main.py in a test where a program starts it: forked, too.

    python tests/forked.py COMMAND --flags

It forwards signals, and exits with the status of the fork. FORKS is the address of
tests.programs.
"""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.programs import Program

program = Program(
    os.environ["FORKS"],
    files=[sys.stdout, sys.stderr],
    arguments=["main.py", *sys.argv[1:]],
    cwd=os.getcwd(),
    environment=dict(os.environ),
)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: program.send_signal(number))
sys.exit(program.wait(timeout=900))
