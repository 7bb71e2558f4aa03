import os

import pytest

from autoencoder import machine
from autoencoder.commands import train
from autoencoder.errors import UserError
from tests.conftest import run_flags


@pytest.fixture
def cpuinfo(tmp_path, monkeypatch):
    """Writes a file in the place of Linux's /proc/cpuinfo."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(machine, "_CPUINFO", path)
    return path


@pytest.mark.parametrize(
    "line",
    [
        "flags\t\t: fpu avx512f avx512_bf16 fsrm",
        "flags\t\t: amx_bf16",
        "Features\t: fp asimd bf16",
    ],
)
def test_processors_with_bfloat16(cpuinfo, line):
    cpuinfo.write_text(f"processor\t: 0\n{line}\n")
    machine.require_bfloat16()


def test_a_processor_without(cpuinfo):
    cpuinfo.write_text("model name\t: Old One\nflags\t\t: fpu avx2 avx512f\n")
    with pytest.raises(UserError, match="bfloat16 .*Old One.*leave the flag out"):
        machine.require_bfloat16()


def test_a_run_that_is_refused_writes_nothing(cpuinfo, tmp_path):
    flags = run_flags(precision="bfloat16", results_dir=str(tmp_path / "Results"))
    with pytest.raises(UserError, match="bfloat16"):
        train.run(flags)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "is_used"), [(None, True), ("1", True), ("0", False), ("false", False)]
)
def test_onednn_is_used_unless_switched_off(monkeypatch, setting, is_used):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if setting is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", setting)
    assert machine.uses_onednn() is is_used


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux has it")
def test_cores_are_those_that_this_process_may_use():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert machine.cores() == 1
        assert machine.machine().endswith(", 1 cores")
    finally:
        os.sched_setaffinity(0, before)


def test_a_system_that_does_not_tell(cpuinfo):
    with pytest.raises(UserError, match="not described there"):
        machine.require_bfloat16()
    assert "cores" in machine.machine()
