"""Fixtures of the comparator's tests."""

from unit.judge_node.compare.calling import careful_compare, compare, plain_program

__all__ = ["careful_compare", "compare", "plain_program"]
