"""This machine's processor and its abilities."""

import os
import platform
import re
from pathlib import Path

from autoencoder.errors import UserError

_CPUINFO = Path("/proc/cpuinfo")  # Linux has it
# Instructions that multiply in bfloat16: Intel's and AMD's, and ARM's.
_BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}


def machine():
    """Returns system and processor in a few words."""
    return f"{platform.system()}, {processor_name()}, {cores()} cores"


def processor_name():
    """Returns the processor's name, or its architecture if it has none."""
    match = re.search(r"model name\s*: (.+)", _cpuinfo())
    return match[1] if match else platform.processor() or platform.machine()


def cores():
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux: taskset and schedulers limit them
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def uses_onednn():
    """Returns whether TensorFlow uses oneDNN's kernels, which is the default here.

    oneDNN sums in another order than TensorFlow's own kernels.
    """
    setting = os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1")
    return setting.lower() not in ("0", "false")


def has_bfloat16():
    """Returns whether the processor is known to multiply in bfloat16."""
    return bool(_BFLOAT16 & set(_abilities()))


def fastest_precision():
    """Returns what --precision auto takes for a new run, "bfloat16" or "float32"."""
    return "bfloat16" if has_bfloat16() else "float32"


def require_bfloat16():
    """Raises a UserError if the processor lacks bfloat16, or is not described.

    TensorFlow would compute without it, but more slowly than in float32.
    """
    if not has_bfloat16():
        raise UserError(
            "--precision bfloat16 needs a processor that multiplies in bfloat16 "
            f"({', '.join(sorted(_BFLOAT16))} in {_CPUINFO}), and this one "
            f"{'does not' if _abilities() else 'is not described there'} "
            f"({machine()}): leave the flag out"
        )


def _abilities():
    match = re.search(r"(?:flags|Features)\s*: (.+)", _cpuinfo())
    return match[1].split() if match else []


def _cpuinfo():
    try:
        return _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
