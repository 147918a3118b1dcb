"""Every change to tables and submissions."""

from allteach.web.submissions.services.cases import case_discard, case_keep, case_send
from allteach.web.submissions.services.check import check
from allteach.web.submissions.services.decide import accept, refuse, reject, withdraw
from allteach.web.submissions.services.drafts import draft_begin, draft_change, draft_discard, draft_release
from allteach.web.submissions.services.progress import fail, queue
from allteach.web.submissions.services.receive import Receipt, receive
from allteach.web.submissions.services.tables import declare, describe, plan_new_sites, save_table
from allteach.web.submissions.services.views import read_by, save_view

__all__ = [
    "Receipt",
    "accept",
    "case_discard",
    "case_keep",
    "case_send",
    "check",
    "declare",
    "describe",
    "draft_begin",
    "draft_change",
    "draft_discard",
    "draft_release",
    "fail",
    "plan_new_sites",
    "queue",
    "read_by",
    "receive",
    "refuse",
    "reject",
    "save_table",
    "save_view",
    "withdraw",
]
