"""Every change in this room, one file a subject."""

from allteach.web.quality.services.checking import limit_set, quality_check
from allteach.web.quality.services.issues import (
    issue_accept,
    issue_assign,
    issue_comment,
    issue_fix,
    issue_reopen,
)
from allteach.web.quality.services.queries import query_answer, query_ask, query_close, query_reopen

__all__ = [
    "issue_accept",
    "issue_assign",
    "issue_comment",
    "issue_fix",
    "issue_reopen",
    "limit_set",
    "quality_check",
    "query_answer",
    "query_ask",
    "query_close",
    "query_reopen",
]
