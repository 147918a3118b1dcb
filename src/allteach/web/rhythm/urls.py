"""Addresses of this room."""

from django.urls import path, register_converter

from allteach.web.rhythm.views import lists, meetings, reports


class JudgeConverter:
    """What staff do with a report."""

    regex = "score|answer"

    def to_python(self, value: str) -> str:
        """Return the step."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step."""
        return value


class MeetingStepConverter(JudgeConverter):
    """What is done with a meeting."""

    regex = "there|agree|cancel"


register_converter(JudgeConverter, "reportstep")
register_converter(MeetingStepConverter, "meetingstep")

app_name = "rhythm"
outside = [path("calendar/<str:key>.ics", meetings.calendar_feed, name="feed")]
urlpatterns = [
    path("reports/", reports.index, name="reports"),
    path("reports/ask/", reports.ask, name="ask"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/<reportstep:step>/", reports.judge, name="judge"),
    path("calendar/", meetings.calendar, name="calendar"),
    path("calendar/new/", meetings.edit, name="call"),
    path("calendar/<int:pk>/", meetings.meeting, name="meeting"),
    path("calendar/<int:pk>/edit/", meetings.edit, name="edit_meeting"),
    path("calendar/<int:pk>/<meetingstep:step>/", meetings.act, name="meeting_act"),
    path("calendar/actions/<int:pk>/finish/", meetings.finish, name="finish"),
    path("coaching/", lists.coaching, name="coaching"),
    path("notices/", lists.notice_list, name="notices"),
    path("sites/<slug:code>/checklist/", lists.checklist, name="checklist"),
    path("sites/tasks/<int:pk>/", lists.task, name="task"),
    path("projects/<int:number>/expectations/", lists.expectations, name="expectations"),
    path("projects/expectations/<int:pk>/met/", lists.meet, name="meet"),
]
