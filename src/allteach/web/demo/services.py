"""Loads the demonstration by the services that any person's click uses, so that nothing in it is special."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from allteach.intake import contract
from allteach.measures import files as cards
from allteach.simulate import heart
from allteach.simulate.parts import Simulated, SimulatedFile
from allteach.web.demo.portfolio import Stage, load_portfolio
from allteach.web.demo.quality import load_quality
from allteach.web.demo.rhythm import load_rhythm
from allteach.web.measuring.models import Measure
from allteach.web.measuring.services import change_settings, create_measure
from allteach.web.people.models import Person
from allteach.web.people.services import create_person, give_role
from allteach.web.sites.models import Network, Site
from allteach.web.sites.services import add_sites, change_site, create_network, move_site
from allteach.web.submissions import store
from allteach.web.submissions.models import Table
from allteach.web.submissions.services import accept, check, receive, save_table
from allteach.web.variation.models import Phase
from allteach.web.variation.services import Decision, Recipe, annotation_add, case_mix_fit, phase_decide, phases_decide

PASSWORD = "allteach"  # for the demonstration's people only
NEAR = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class _House:
    """What has been made so far."""

    made: Simulated
    people: Mapping[str, Person]
    network: Network
    sites: Mapping[str, Site]


@transaction.atomic
def load(*, seed: int = heart.SEED, password: str = PASSWORD) -> Network:
    """Return the demonstration network, with its people, files, measures and notes.

    Everything or nothing: a start that is interrupted leaves an empty house, and the next start loads it again.

    Args:
        seed: What the random numbers start from.
        password: What the people who sign in type; the others have none.

    Raises:
        StateError: ``AT-T-003`` when people of these names are here already.
    """
    made = heart.simulate(seed)
    people = _people(made, password)
    network = create_network(
        by=people["ada"],
        name=made.network.name,
        slug=made.network.slug,
        is_demo=True,
        condition=made.network.condition,
        aim=made.network.aim,
        naming=made.network.naming,
        open_counts=made.network.open_counts,
        rule_set=made.network.rule_set,
        due_days=made.network.due_days,
    )
    house = _House(made, people, network, _sites(made, people["ada"], network))
    _roles(house)
    tables = {
        slug: save_table(by=people["chi"], network=network, dictionary=contract.load(text))
        for slug, text in made.dictionaries
    }
    measures = _measures(house)
    _notes(house, measures)
    for file in made.files:
        _send(house, tables[file.table], file)
    _phases(house, measures)
    _case_mixes(house, measures)
    stage = Stage(network, people, house.sites, measures)
    load_portfolio(stage)
    load_rhythm(stage)
    load_quality(network, people, house.sites)
    return network


def _people(made: Simulated, password: str) -> dict[str, Person]:
    return {
        person.username: create_person(
            by=None,
            display_name=person.name,
            username=person.username,
            password=password if person.signs_in else None,
            is_demo=person.signs_in,
        )
        for person in made.people
    }


def _sites(made: Simulated, lead: Person, network: Network) -> dict[str, Site]:
    added = add_sites(by=lead, network=network, sites=[(site.code, site.name) for site in made.sites])
    sites = {site.code: site for site in added}
    for plan in made.sites:
        change_site(
            by=lead,
            site=sites[plan.code],
            cohort=plan.cohort,
            region=plan.region,
            joined_on=plan.joined_on,
            kind="Hospital",
        )
    paused = next(note for note in made.notes if note.site == made.truth.paused_site)
    move_site(
        by=lead, site=sites[paused.site], status=Site.Status.PAUSED, reason=paused.text.split(": ", 1)[1], on=paused.on
    )
    return sites


def _roles(house: _House) -> None:
    """Give everyone their role; whoever opened the network leads it already."""
    for person in house.made.people:
        if person.role and person.username != "ada":
            site = house.sites.get(person.site)
            since = site.joined_on if site else house.made.truth.first_month
            give_role(
                by=house.people["ada"], network=house.network, person=house.people[person.username],
                role=person.role, site=site, since=since,
            )  # fmt: skip


def _measures(house: _House) -> dict[str, Measure]:
    measures = {}
    for plan in house.made.measures:
        measure = create_measure(by=house.people["chi"], network=house.network, card=cards.load(plan.card))
        if plan.blinded is not None:
            reason = "The members voted to show this measure by name."
            change_settings(by=house.people["ada"], measure=measure, reason=reason, blinded=plan.blinded)
        measures[plan.slug] = measure
    return measures


def _notes(house: _House, measures: Mapping[str, Measure]) -> None:
    for note in house.made.notes:
        annotation_add(
            by=house.people[note.by], network=house.network, on=note.on, kind=note.kind, text=note.text,
            measure=measures.get(note.measure), site=house.sites.get(note.site),
        )  # fmt: skip


def _phases(house: _House, measures: Mapping[str, Measure]) -> None:
    """Decide on phases that the software proposed; some are left for whoever signs in."""
    for made in house.made.decisions:
        # The software may see a change a month earlier or later than people remember it.
        near = (made.start - NEAR, made.start + NEAR)
        open_ones = Phase.objects.filter(site=None, status=Phase.Status.PROPOSED, start__range=near)
        phase = open_ones.filter(measure=measures[made.measure]).order_by("start").first()
        if phase is not None:
            decision = Decision(accept=made.accept, cause=made.cause, reason=made.reason)
            phase_decide(by=house.people[made.by], phase=phase, decision=decision)
    for one in house.made.rounds:
        waiting = Phase.objects.filter(
            measure=measures[one.measure], site__isnull=False, status=Phase.Status.PROPOSED, start__lte=one.until
        )
        if waiting:
            decision = Decision(accept=True, cause=one.cause, reason=one.reason)
            phases_decide(by=house.people[one.by], phases=list(waiting), decision=decision)


def _case_mixes(house: _House, measures: Mapping[str, Measure]) -> None:
    for one in house.made.case_mixes:
        recipe = Recipe(one.columns, one.first, one.last, one.reason)
        case_mix_fit(by=house.people[one.by], measure=measures[one.measure], recipe=recipe)


def _send(house: _House, table: Table, file: SimulatedFile) -> None:
    """Send, check and, where somebody did, accept one file."""
    sender = house.people[file.sent_by]
    incoming = store.land(file.name, [file.content])
    receipt = receive(by=sender, network=house.network, incoming=incoming, table=table, site=house.sites.get(file.site))
    submission = check(by=sender, submission=receipt.submission)
    if file.accept:
        accept(by=sender, submission=submission)
