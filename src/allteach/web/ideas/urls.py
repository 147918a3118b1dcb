"""Addresses of ideas."""

from django.urls import path, register_converter

from allteach.web.ideas import views


class StepConverter:
    """The steps that an idea can take."""

    regex = "ask|answer|park|decline|merge|interest|no-interest"

    def to_python(self, value: str) -> str:
        """Return the step."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step."""
        return value


register_converter(StepConverter, "ideastep")

app_name = "ideas"
urlpatterns = [
    path("ideas/", views.index, name="index"),
    path("ideas/new/", views.new, name="new"),
    path("ideas/<int:number>/", views.idea, name="idea"),
    path("ideas/<int:number>/<ideastep:step>/", views.act, name="act"),
]
