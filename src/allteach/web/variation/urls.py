"""Addresses of Results: the network, its measures, and the chart of one site."""

from django.urls import path

from allteach.web.variation.views import build, chart, compare, files, groups, matrix, measure, monitor, phases, signals

app_name = "variation"
urlpatterns = [
    path("results/", matrix.index, name="index"),
    path("results/signals/", signals.page, name="signals"),
    path("results/phases/", phases.queue, name="phases"),
    path("results/phases/<int:number>/", phases.decide, name="phase"),
    path("results/build/", build.build, name="build"),
    path("results/m/<slug:measure>/", measure.measure, name="measure"),
    path("results/m/<slug:measure>/compare/", compare.funnel_page, name="compare"),
    path("results/m/<slug:measure>/compare/estimates/", compare.estimates, name="estimates"),
    path("results/m/<slug:measure>/compare/variance/", compare.variance, name="variance"),
    path("results/m/<slug:measure>/compare/bright/", compare.bright, name="bright"),
    path("results/m/<slug:measure>/compare/groups/", groups.groups, name="groups"),
    path("results/m/<slug:measure>/compare/monitor/", monitor.monitor, name="monitor"),
    path("results/m/<slug:measure>/compare/monitor/s/<slug:site>/", monitor.monitor_site, name="monitor_site"),
    path(
        "results/m/<slug:measure>/compare/monitor/s/<slug:site>/<slug:chart>.<str:form>",
        monitor.monitor_file,
        name="monitor_file",
    ),
    path("results/m/<slug:measure>/compare/case-mix/", monitor.case_mix, name="case_mix"),
    path("results/m/<slug:measure>/compare/funnel.<str:form>", files.funnel_file, name="funnel_file"),
    path("results/m/<slug:measure>/reports.<str:form>", files.reports, name="reports"),
    path("results/m/<slug:measure>/all/", chart.chart, name="network_chart"),
    path("results/m/<slug:measure>/all/table/", chart.table, name="network_table"),
    path("results/m/<slug:measure>/all/method/", chart.method, name="network_method"),
    path("results/m/<slug:measure>/all/chart.<str:form>", files.chart_file, name="network_file"),
    path("results/m/<slug:measure>/all/<slug:act>", chart.act, name="network_act"),
    path("results/m/<slug:measure>/s/<slug:site>/", chart.chart, name="chart"),
    path("results/m/<slug:measure>/s/<slug:site>/table/", chart.table, name="table"),
    path("results/m/<slug:measure>/s/<slug:site>/method/", chart.method, name="method"),
    path("results/m/<slug:measure>/s/<slug:site>/chart.<str:form>", files.chart_file, name="file"),
    path("results/m/<slug:measure>/s/<slug:site>/<slug:act>", chart.act, name="act"),
]
