"""Addresses of projects."""

from django.urls import path, register_converter

from allteach.web.projects.views import acts, gates, pages, planning, theory


class StepConverter:
    """The steps that a project can take without a gate."""

    regex = "advance|hold|resume|stop|close|promote|publish-diagram"

    def to_python(self, value: str) -> str:
        """Return the step."""
        return value

    def to_url(self, value: str) -> str:
        """Return the step."""
        return value


class PieceConverter(StepConverter):
    """What can be added to a project."""

    regex = "aim|person|measure|cohort"


register_converter(StepConverter, "projectstep")
register_converter(PieceConverter, "projectpiece")

app_name = "projects"
urlpatterns = [
    path("projects/", pages.index, name="index"),
    path("projects/new/", pages.new, name="new"),
    path("projects/aim/", acts.network_aim, name="aim"),
    path("projects/aims/", planning.aims, name="aims"),
    path("projects/plan/", planning.plan, name="plan"),
    path("projects/<int:number>/site-aim/", planning.site_aim, name="site_aim"),
    path("projects/pathways/", pages.pathways, name="pathways"),
    path("projects/<int:number>/", pages.project, name="project"),
    path("projects/<int:number>/edit/", acts.edit, name="edit"),
    path("projects/<int:number>/diagram/", pages.diagram, name="diagram"),
    path("projects/<int:number>/diagram/edit/", acts.outline, name="outline"),
    path("projects/<int:number>/bundle/", theory.bundle, name="bundle"),
    path("projects/<int:number>/bundle/edit/", theory.write_bundle, name="write_bundle"),
    path("projects/<int:number>/bundle/publish/", theory.publish_bundle, name="publish_bundle"),
    path("projects/<int:number>/definitions/", theory.definitions, name="definitions"),
    path("projects/<int:number>/definitions/<slug:slug>/", theory.define, name="define"),
    path("projects/<int:number>/add-<projectpiece:what>/", acts.add, name="add"),
    path("projects/<int:number>/site/<int:pk>/", acts.member, name="member"),
    path("projects/<int:number>/gate/", gates.open_gate, name="open_gate"),
    path("projects/<int:number>/gate/<int:pk>/", gates.gate, name="gate"),
    path("projects/<int:number>/gate/<int:pk>/vote/", gates.vote, name="vote"),
    path("projects/<int:number>/gate/<int:pk>/decide/", gates.decide, name="decide"),
    path("projects/<int:number>/<projectstep:step>/", acts.act, name="act"),
]
