"""Addresses of the road of a file, inside one network."""

from django.urls import path

from allteach.web.submissions.views import cases, columns, drafts, index, reading, review, send, tables, typed

app_name = "submissions"
outside = [path("start/", send.start, name="start")]
urlpatterns = [
    path("data/", index.index, name="index"),
    path("data/send/", send.send, name="send"),
    path("data/type/", typed.choose, name="type"),
    path("data/type/numbers/", typed.numbers, name="type_numbers"),
    path("data/tables/", tables.tables, name="tables"),
    path("data/tables/<slug:slug>/", tables.table, name="table"),
    path("data/tables/<slug:slug>/change/", drafts.change, name="change"),
    path("data/tables/<slug:slug>/made/<str:kind>", tables.made, name="made"),
    path("data/tables/<slug:slug>/versions/<int:number>/", tables.version, name="version"),
    path(
        "data/tables/<slug:slug>/versions/<int:number>/<str:kind>", tables.made_from_version, name="made_from_version"
    ),
    path("data/new-table/", drafts.start, name="new_table"),
    path("data/new-table/<slug:shelf>/<slug:name>/", drafts.shipped, name="shipped"),
    path("data/new-table/<slug:shelf>/<slug:name>/<str:kind>", tables.made_from_shipped, name="made_from_shipped"),
    path("data/drafts/<int:pk>/", drafts.draft, name="draft"),
    path("data/drafts/<int:pk>/about/", drafts.about, name="draft_about"),
    path("data/drafts/<int:pk>/columns/<int:at>/", drafts.column, name="draft_column"),
    path("data/drafts/<int:pk>/rules/<int:at>/", drafts.rule, name="draft_rule"),
    path("data/drafts/<int:pk>/act/", drafts.act, name="draft_act"),
    path("data/drafts/<int:pk>/preview/", drafts.preview, name="draft_preview"),
    path("data/drafts/<int:pk>/release/", drafts.release, name="draft_release"),
    path("data/drafts/<int:pk>/discard/", drafts.discard, name="draft_discard"),
    path("data/drafts/<int:pk>/made/<str:kind>", tables.made_from_draft, name="made_from_draft"),
    path("data/cases/", cases.choose, name="case_choose"),
    path("data/cases/<slug:slug>/<slug:code>/", cases.cases, name="cases"),
    path("data/cases/<slug:slug>/<slug:code>/form/", cases.case, name="case"),
    path("data/cases/<slug:slug>/<slug:code>/keep/", cases.keep, name="case_keep"),
    path("data/cases/<slug:slug>/<slug:code>/discard/", cases.discard, name="case_discard"),
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
