"""Addresses of doors, inside one network."""

from django.urls import path

from allteach.web.doors.views import doors, redcap

app_name = "doors"
urlpatterns = [
    path("data/doors/", doors.index, name="index"),
    path("data/doors/new/<slug:kind>/", doors.make, name="make"),
    path("data/doors/<int:number>/", doors.door, name="door"),
    path("data/doors/<int:number>/change/", doors.change, name="change"),
    path("data/doors/<int:number>/test/", doors.attempt, name="test"),
    path("data/doors/<int:number>/fetch/", doors.fetch, name="fetch"),
    path("data/doors/<int:number>/progress/", doors.progress, name="progress"),
    path("data/doors/<int:number>/switch/", doors.switch, name="switch"),
    path("data/doors/redcap-dictionary/", redcap.table, name="redcap_table"),
]
