"""Addresses of this room: pages under Data."""

from django.urls import path, register_converter

from allteach.web.quality.views import issues, overview, queries


class IssueStep:
    """The steps that an issue can take."""

    regex = "assign|comment|fix|accept|reopen"

    def to_python(self, value: str) -> str:
        """Return the step."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step."""
        return value


class QueryStep(IssueStep):
    """The steps that a query can take."""

    regex = "answer|close|again"


register_converter(IssueStep, "issuestep")
register_converter(QueryStep, "querystep")

app_name = "quality"
urlpatterns = [
    path("data/quality/", overview.index, name="index"),
    path("data/quality/run/", overview.run_now, name="run_now"),
    path("data/quality/runs/<int:pk>/", overview.run, name="run"),
    path("data/quality/checks/", overview.matrix, name="matrix"),
    path("data/quality/checks/<slug:slug>/", overview.check, name="check"),
    path("data/quality/checks/<slug:slug>/limits/", overview.limits, name="limits"),
    path("data/quality/sites/<slug:code>/", overview.site, name="site"),
    path("data/quality/issues/", issues.index, name="issues"),
    path("data/quality/issues/<int:number>/", issues.issue, name="issue"),
    path("data/quality/issues/<int:number>/<issuestep:step>/", issues.act, name="act"),
    path("data/quality/queries/", queries.index, name="queries"),
    path("data/quality/queries/ask/", queries.ask, name="ask"),
    path("data/quality/queries/<int:number>/", queries.query, name="query"),
    path("data/quality/queries/<int:number>/<querystep:step>/", queries.act, name="query_act"),
]
