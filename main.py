"""Trains the autoencoder of the post "VAEs! Generating images with Tensorflow".

    python main.py --dataset mnist --latent_dim 5

It only picks the command and prints mistakes in one line, so that everything else can
be tested: flags.py has the flags, autoencoder/commands/ a file for each command.
"""

import importlib
import os
import signal
import sys

from autoencoder import command_line
from autoencoder.errors import UserError
from flags import FLAGS


def main(argv):
    """Runs the command line; returns the exit status, 0 if all went well."""
    _mend_streams()
    interrupts = []

    def interrupt(*signal_and_frame):
        interrupts.append(True)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        status = _run(argv)
    # A library that was interrupted at a bad moment may raise something else.
    except Exception:
        if not interrupts:
            raise
        status = _fail("interrupted", 130)
    return 130 if interrupts and status == 1 else status


def _run(argv):
    try:
        named = command_line.parse(argv)
        if FLAGS.help:
            print(command_line.help_text(named))
        elif FLAGS.version:
            print(command_line.version_text())
        else:
            command = named or command_line.DEFAULT
            module = f"autoencoder.commands.{command.replace('-', '_')}"
            importlib.import_module(module).run(FLAGS)
        sys.stdout.flush()
    except command_line.UsageError as error:
        return _fail(error, 2)
    except UserError as error:
        return _fail(error, 1)
    except KeyboardInterrupt as interrupt:
        return _fail(str(interrupt) or "interrupted", 130)
    except BrokenPipeError:  # e.g. `python main.py | head`: head has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {error.strerror or error}", 1)
    return 0


def _fail(message, status):
    line = " ".join(str(message).splitlines())
    print(f"main.py: {line}", file=sys.stderr)
    return status


def _mend_streams():
    """Lets a run go on if a stream is closed, or can't encode a file's name."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, for good
    sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
