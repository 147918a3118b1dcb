"""Addresses of tests of change."""

from django.urls import path, register_converter

from allteach.web.trials import views


class StepConverter:
    """The steps that a test of change can take."""

    regex = "start|study|act|copy"

    def to_python(self, value: str) -> str:
        """Return the step."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step."""
        return value


register_converter(StepConverter, "teststep")

app_name = "trials"
urlpatterns = [
    path("tests/", views.index, name="index"),
    path("tests/new/", views.new, name="new"),
    path("tests/matrix/", views.matrix, name="matrix"),
    path("tests/learning/", views.learning, name="learning"),
    path("tests/<int:number>/", views.cycle, name="cycle"),
    path("tests/<int:number>/edit/", views.edit, name="edit"),
    path("tests/<int:number>/<teststep:step>/", views.act, name="act"),
]
