"""Addresses of measures, inside one network."""

from django.urls import path

from allteach.web.measuring.views import frozen, life, pages, write

app_name = "measuring"
urlpatterns = [
    path("data/measures/", pages.measures, name="list"),
    path("data/frozen/", frozen.index, name="frozen_list"),
    path("data/frozen/<int:number>/", frozen.report, name="frozen"),
    path("data/frozen/<int:number>/report.csv", frozen.content, name="frozen_file"),
    path("data/measures/new/", write.new, name="new"),
    path("data/measures/<slug:slug>/", pages.measure, name="measure"),
    path("data/measures/<slug:slug>/settings/", pages.settings, name="settings"),
    path("data/measures/<slug:slug>/revise/", write.revise, name="revise"),
    path("data/measures/<slug:slug>/cases/", write.cases, name="cases"),
    path("data/measures/<slug:slug>/pilot/<int:number>/", life.pilot, name="pilot"),
    path("data/measures/<slug:slug>/check/<int:number>/", life.check, name="check"),
    path("data/measures/<slug:slug>/release/<int:number>/", life.release, name="release"),
    path("data/measures/<slug:slug>/retain/", life.retain, name="retain"),
    path("data/measures/<slug:slug>/retire/", life.retire, name="retire"),
    path("data/measures/<slug:slug>/measure-v<int:number>.json", pages.resource, name="resource"),
    path("data/measures/<slug:slug>/card-v<int:number>.yaml", pages.card_file, name="card"),
]
