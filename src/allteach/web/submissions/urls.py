"""Addresses of the road of a file, inside one network."""

from django.urls import path

from allteach.web.submissions.views import columns, index, reading, review, send, tables, typed

app_name = "submissions"
outside = [path("start/", send.start, name="start")]
urlpatterns = [
    path("data/", index.index, name="index"),
    path("data/send/", send.send, name="send"),
    path("data/type/", typed.choose, name="type"),
    path("data/type/numbers/", typed.numbers, name="type_numbers"),
    path("data/tables/", tables.tables, name="tables"),
    path("data/tables/<slug:slug>/", tables.table, name="table"),
    path("data/tables/<slug:slug>/template.<str:kind>", tables.template_file, name="template"),
    path("data/tables/<slug:slug>/dictionary.yaml", tables.dictionary, name="dictionary"),
    path("data/tables/<slug:slug>/fhir/", reading.table_view, name="table_view"),
    path("data/files/", index.files, name="files"),
    path("data/files/<int:number>/", review.file, name="file"),
    path("data/files/<int:number>/same/", send.same, name="same"),
    path("data/files/<int:number>/columns/", columns.columns, name="columns"),
    path("data/files/<int:number>/fhir/", reading.file_view, name="file_view"),
    path("data/files/<int:number>/progress/", review.progress, name="progress"),
    path("data/files/<int:number>/check/", review.check, name="check"),
    path("data/files/<int:number>/sites/", review.add_sites, name="add_sites"),
    path("data/files/<int:number>/holds/", review.declare, name="declare"),
    path("data/files/<int:number>/accept/", review.accept, name="accept"),
    path("data/files/<int:number>/reject/", review.reject, name="reject"),
    path("data/files/<int:number>/withdraw/", review.withdraw, name="withdraw"),
    path("data/files/<int:number>/answer/", review.answer_file, name="answer"),
]
