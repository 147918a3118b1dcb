"""Addresses of measures, inside one network."""

from django.urls import path

from allteach.web.measuring import views

app_name = "measuring"
urlpatterns = [
    path("data/measures/", views.measures, name="list"),
    path("data/measures/new/", views.new, name="new"),
    path("data/measures/<slug:slug>/", views.measure, name="measure"),
    path("data/measures/<slug:slug>/settings/", views.settings, name="settings"),
    path("data/measures/<slug:slug>/revise/", views.revise, name="revise"),
    path("data/measures/<slug:slug>/release/<int:number>/", views.release, name="release"),
    path("data/measures/<slug:slug>/retire/", views.retire, name="retire"),
    path("data/measures/<slug:slug>/card-v<int:number>.yaml", views.card_file, name="card"),
]
