"""What this machine's processor is, and can do."""

import os
import platform
import re
from pathlib import Path

from autoencoder.errors import UserError

_CPUINFO = Path("/proc/cpuinfo")  # Linux has it
# Instructions that multiply in bfloat16: Intel's and AMD's, and ARM's.
_BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}


def machine():
    """Returns system and processor in a few words, as far as they are told."""
    processor = platform.processor() or platform.machine()
    if named := re.search(r"model name\s*: (.+)", _cpuinfo()):
        processor = named[1]
    return f"{platform.system()}, {processor}, {os.cpu_count()} cores"


def require_bfloat16():
    """Raises a UserError where the processor has no bfloat16, or doesn't tell.

    Without it TensorFlow would compute all the same, but more slowly than in float32.
    """
    found = re.search(r"(?:flags|Features)\s*: (.+)", _cpuinfo())
    if found is None or not _BFLOAT16 & set(found[1].split()):
        raise UserError(
            "--precision bfloat16 needs a processor that multiplies in bfloat16 "
            f"({', '.join(sorted(_BFLOAT16))} in {_CPUINFO}), and this one "
            f"{'is not described there' if found is None else 'does not'} "
            f"({machine()}): leave the flag out"
        )


def _cpuinfo():
    try:
        return _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
