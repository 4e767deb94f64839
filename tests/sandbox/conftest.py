"""Fixtures of the sandbox's tests."""

from sandbox.workbench import bench, programs, sandbox

__all__ = ["bench", "programs", "sandbox"]
