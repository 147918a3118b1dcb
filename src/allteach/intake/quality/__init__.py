"""Data quality of accepted rows, in Kahn's frame, with persistence and timeliness. Counts only, never a value."""

from allteach.intake.quality.catalogue import CHECKS, check_of
from allteach.intake.quality.facts import Gate, Rows
from allteach.intake.quality.frame import Aspect, Check, Context, Limit, Result, Status
from allteach.intake.quality.run import examine

__all__ = ["CHECKS", "Aspect", "Check", "Context", "Gate", "Limit", "Result", "Rows", "Status", "check_of", "examine"]
