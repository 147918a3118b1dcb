"""One small language of conditions and values, shared by the rules of data dictionaries and by measure cards."""

from allteach.intake.expression.evaluate import evaluate
from allteach.intake.expression.kinds import kind_of
from allteach.intake.expression.parse import column_text, literal_text, parse
from allteach.intake.expression.tree import Kind, Node, columns

__all__ = ["Kind", "Node", "column_text", "columns", "evaluate", "kind_of", "literal_text", "parse"]
