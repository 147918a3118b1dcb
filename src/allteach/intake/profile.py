"""Looks at a file nobody has described yet and guesses what its columns are, each guess with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from allteach.intake.contract import Field, FieldType, Privacy, Role, TableDictionary
from allteach.intake.facts import MAX_CODES, ColumnFacts, gather, is_unique, never_above
from allteach.intake.hints import Hint, hints_of, privacy_of, unit_of
from allteach.intake.raw import RawTable

_EVENT_WORDS = ("positive", "yes", "true", "1", "dead", "died", "death", "infected", "infection", "failed", "event")


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column seems to be.

    Attributes:
        field: The field as it would stand in the data dictionary, role included.
        reason: Why, in plain words.
        distinct: How many different values it has.
        missing: How many cells are empty.
        values: The different values, where there are few.
    """

    field: Field
    reason: str
    distinct: int
    missing: int
    values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name."""
        return self.field.name

    @property
    def role(self) -> Role:
        """What it is for."""
        return self.field.role


@dataclass(frozen=True, slots=True)
class Profile:
    """What a file seems to be.

    Attributes:
        columns: One guess a column, in the file's order.
        row_level: True when a row stands for one case, False when rows hold counts.
        grain: Length of the periods.
        key: Columns that together name a row; empty when none do.
        questions: What a person has to say before the file can be used.
        rows: How many rows there are.
    """

    columns: tuple[ColumnGuess, ...]
    row_level: bool
    grain: str
    key: tuple[str, ...]
    questions: tuple[str, ...]
    rows: int

    def column(self, name: str) -> ColumnGuess:
        """Return the guess about a column."""
        return next(column for column in self.columns if column.name == name)

    def dictionary(
        self,
        name: str,
        title: str,
        *,
        roles: Mapping[str, Role | str] | None = None,
        origin: date | None = None,
        formats: Mapping[str, str] | None = None,
        grain: str = "",
        leave_out: tuple[str, ...] = (),
    ) -> TableDictionary:
        """Return a data dictionary made of the guesses and of what a person said about them.

        Args:
            name: Short name of the table.
            title: Words for people.
            roles: Column -> role, where the person knows better.
            origin: Day 0 of day numbers.
            formats: Column -> date style, where the file leaves it open.
            grain: Length of periods; the guess when empty.
            leave_out: Columns that are not to be stored.
        """
        chosen = {column: Role(role) for column, role in (roles or {}).items()}
        fields = []
        for guess in self.columns:
            if guess.name in leave_out:
                continue
            field = _with_role(guess, chosen.get(guess.name, guess.role), chosen)
            if field.type is FieldType.DAY_NUMBER:
                field = replace(field, origin=origin or field.origin)
            if formats and guess.name in formats:
                field = replace(field, type=FieldType.DATE, formats=(formats[guess.name],))
            fields.append(field)
        kept = {field.name: field for field in fields}
        fields = [field if field.at_most in ("", *kept) else replace(field, at_most="") for field in fields]
        return TableDictionary(
            name=name, title=title, fields=tuple(fields), key=self._key(kept), grain=grain or self.grain
        )

    def _key(self, kept: Mapping[str, Field]) -> tuple[str, ...]:
        naming = (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER, Role.STRATUM, Role.RECORD)
        usable = [n for n in self.key if n in kept and kept[n].role in naming and kept[n].privacy is not Privacy.DIRECT]
        if len(usable) == len(self.key):
            return self.key
        return ()


def _with_role(guess: ColumnGuess, role: Role, chosen: Mapping[str, Role]) -> Field:
    """Return the field with this role and the type that the role asks for."""
    field = guess.field
    if role is field.role:
        displaced = role in (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER) and role in chosen.values()
        return replace(field, role=Role.OTHER) if displaced and guess.name not in chosen else field
    field = replace(field, role=role, event=(), at_most="")
    if role in (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER):
        field = replace(field, required=True)
    if role is Role.SITE:
        return replace(field, type=FieldType.TEXT, codes=(), minimum=None, maximum=None)
    if role is Role.DAY_NUMBER:
        return replace(field, type=FieldType.DAY_NUMBER, minimum=None, maximum=None)
    if role in (Role.PERIOD, Role.DATE) and field.type is not FieldType.DATE:
        return replace(field, type=FieldType.DATE, codes=(), minimum=None, maximum=None)
    if role in (Role.NUMERATOR, Role.DENOMINATOR) and field.type not in (FieldType.INTEGER, FieldType.NUMBER):
        return replace(field, type=FieldType.NUMBER, codes=(), required=True)
    if role is Role.VALUE and field.type not in (FieldType.INTEGER, FieldType.NUMBER):
        return replace(field, type=FieldType.NUMBER, codes=())
    if role is Role.STRATUM and field.type not in (FieldType.CODE, FieldType.BOOLEAN):
        codes = tuple((value, "") for value in guess.values)
        return replace(field, type=FieldType.CODE if codes else FieldType.TEXT, codes=codes, minimum=None, maximum=None)
    if role is Role.EVENT:
        codes = tuple((value, "") for value in guess.values)
        typed = FieldType.BOOLEAN if field.type is FieldType.BOOLEAN else FieldType.CODE if codes else FieldType.TEXT
        return replace(field, type=typed, codes=codes if typed is FieldType.CODE else (), event=_events(guess.values))
    return field


def profile(raw: RawTable) -> Profile:
    """Return what the columns of a file seem to be.

    Args:
        raw: The file as texts.
    """
    facts = gather(raw)
    draft = _Draft(raw, facts)
    draft.place()
    draft.when()
    draft.counts()
    draft.rest()
    return draft.result()


class _Draft:
    """Roles being handed out, strongest evidence first."""

    def __init__(self, raw: RawTable, facts: list[ColumnFacts]) -> None:
        self.raw, self.facts = raw, facts
        self.hints = {fact.name: hints_of(fact.name) for fact in facts}
        self.roles: dict[str, tuple[Role, str]] = {}
        self.at_most: dict[str, str] = {}
        self.day_numbers: set[str] = set()

    def free(self) -> list[ColumnFacts]:
        return [fact for fact in self.facts if fact.name not in self.roles]

    def give(self, fact: ColumnFacts, role: Role, reason: str) -> None:
        self.roles[fact.name] = (role, reason)

    def place(self) -> None:
        """Find the column that names the site: by its name, else the text column that repeats itself most evenly."""
        named = [f for f in self.free() if Hint.SITE in self.hints[f.name] and f.distinct >= 1 and not f.is_date]
        whole = [f for f in named if f.missing == 0] or named
        if whole:
            best = max(whole, key=lambda f: (f.distinct > 1, self.hints[f.name][0] is Hint.SITE, f.distinct))
            self.give(best, Role.SITE, f"Its name speaks of places, and it has {best.distinct} different values.")

    def when(self) -> None:
        """Find the column that says when."""
        days = [f for f in self.free() if f.is_date]
        periods = [f for f in days if f.is_period]
        if periods:
            best = max(periods, key=lambda f: (Hint.PERIOD in self.hints[f.name], -f.missing))
            self.give(best, Role.PERIOD, f"All its dates are the first day of a {best.grain}.")
        for fact in [f for f in days if f.name not in self.roles]:
            hints = self.hints[fact.name]
            if Hint.END in hints:
                self.give(fact, Role.END, "Its dates are an end, by name.")
            elif not any(role in (Role.PERIOD, Role.DATE) for role, _ in self.roles.values()):
                self.give(fact, Role.DATE, "It holds dates.")
            elif Hint.START in hints:
                self.give(fact, Role.START, "Its dates are a beginning, by name.")
            else:
                self.give(fact, Role.OTHER, "It holds dates, but another column already says when.")
        if not any(role in (Role.PERIOD, Role.DATE) for role, _ in self.roles.values()):
            whole = [f for f in self.free() if f.is_integer and Hint.DAY_NUMBER in self.hints[f.name] and f.low >= -1e5]
            if whole:
                best = min(whole, key=lambda f: f.missing)
                self.give(best, Role.DAY_NUMBER, "It holds whole numbers that count days; day 0 needs a date.")
                self.day_numbers.add(best.name)

    def counts(self) -> None:
        """Find numerators and denominators among columns of counts."""
        counting = (Hint.NUMERATOR, Hint.DENOMINATOR)
        # A column that just counts up numbers the rows, unless its name says otherwise.
        numbers = [
            fact
            for fact in self.free()
            if fact.is_number
            and not fact.is_flag
            and fact.low >= 0
            and (not fact.counts_up or set(self.hints[fact.name]) & set(counting))
        ]
        whole = [f for f in numbers if not set(self.hints[f.name]) & {Hint.VALUE, Hint.AGE, Hint.RECORD, Hint.STRATUM}]
        tops = [f for f in whole if Hint.NUMERATOR in self.hints[f.name] and f.is_integer]
        bases = [f for f in whole if Hint.DENOMINATOR in self.hints[f.name]]
        if not bases and len(tops) + len(whole) >= 2 and tops:
            bases = tops if len(tops) > 1 else [f for f in whole if f not in tops]
        if not tops and not bases:
            return
        base = max(bases, key=lambda f: f.mean) if bases else None
        if base is not None and ((tops and base not in tops) or len(whole) > 1):
            words = "time at risk" if Hint.TIME in self.hints[base.name] else "the number at risk"
            self.give(base, Role.DENOMINATOR, f"By its name and size it is {words}.")
        for fact in [f for f in whole if f.name not in self.roles and f.is_integer]:
            if fact in tops or fact in bases:
                self.give(fact, Role.NUMERATOR, "By its name it counts something.")
            elif base is not None and base.name in self.roles and fact.mean <= base.mean and not fact.unique:
                self.give(fact, Role.NUMERATOR, "It holds counts smaller than those at risk.")
        if base is not None and Hint.TIME not in self.hints[base.name] and base.is_integer:
            for name, (role, _) in self.roles.items():
                if role is Role.NUMERATOR and never_above(self.raw, name, base.name):
                    self.at_most[name] = base.name

    def rest(self) -> None:
        """Find outcomes of single cases, durations, strata and record numbers among what is left."""
        counted = {Role.NUMERATOR, Role.DENOMINATOR} & {role for role, _ in self.roles.values()}
        for fact in self.free():
            hints = self.hints[fact.name]
            few = 2 <= fact.distinct <= MAX_CODES and (fact.repeats or fact.is_flag)
            named = fact.unique and not fact.missing and not fact.is_decimal and not few and self.raw.rows > 20
            if Hint.RECORD in hints or named or fact.counts_up:
                self.give(fact, Role.RECORD, "Every row has another value, so it names the record.")
            elif Hint.EVENT in hints and few and not counted:
                self.give(fact, Role.EVENT, "Its name speaks of an outcome, and it has few different values.")
            elif fact.is_number and Hint.AGE in hints:
                self.give(fact, Role.OTHER, "It holds ages.")
            elif fact.is_number and not fact.is_flag and Hint.VALUE in hints:
                self.give(fact, Role.VALUE, "It holds numbers that its name calls a time or a measurement.")
            elif few:
                self.give(fact, Role.STRATUM, f"It sorts rows into {fact.distinct} groups.")
            else:
                self.give(fact, Role.OTHER, "Nothing in its name or values says what it is for.")

    def result(self) -> Profile:
        guesses = tuple(self._guess(fact) for fact in self.facts)
        key = self._key(guesses)
        counts = {Role.NUMERATOR, Role.DENOMINATOR} & {guess.role for guess in guesses}
        return Profile(guesses, not counts, self._grain(), key, self._questions(guesses), self.raw.rows)

    def _grain(self) -> str:
        """Return the length of the periods; for days, one that gives about 20 points or more where it can."""
        for fact in self.facts:
            role = self.roles[fact.name][0]
            if role is Role.PERIOD:
                return fact.grain
            if role in (Role.DATE, Role.DAY_NUMBER):
                return "day" if fact.span < 60 else "week" if fact.span < 400 else "month"
        return "month"

    def _key(self, guesses: tuple[ColumnGuess, ...]) -> tuple[str, ...]:
        records = [g.name for g in guesses if g.role is Role.RECORD and not g.missing and g.distinct == self.raw.rows]
        if records:
            return (records[0],)
        if not any(g.role in (Role.NUMERATOR, Role.DENOMINATOR) for g in guesses):
            return ()
        key = [
            g.name for role in (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER) for g in guesses if g.role is role
        ]
        for name in [None, *(g.name for g in guesses if g.role is Role.STRATUM and not g.missing)]:
            key += [name] if name else []
            if key and is_unique(self.raw, key):
                return tuple(key)
        return ()

    def _questions(self, guesses: tuple[ColumnGuess, ...]) -> tuple[str, ...]:
        roles = [guess.role for guess in guesses]
        asked = []
        if Role.SITE not in roles:
            asked.append("Which site does the file come from, or which column names the site?")
        if not {Role.PERIOD, Role.DATE, Role.DAY_NUMBER} & set(roles):
            asked.append("Which column says when?")
        for guess in guesses:
            if guess.field.type is FieldType.DAY_NUMBER:
                asked.append(f'Which date is day 0 of "{guess.name}"?')
            if guess.role is Role.EVENT and guess.field.type is FieldType.CODE and not guess.field.event:
                asked.append(f'Which values of "{guess.name}" count as the event?')
            fact = next(f for f in self.facts if f.name == guess.name)
            if fact.grouped and not fact.thousands:
                asked.append(
                    f'Does "1{fact.grouped}234" in "{guess.name}" stand for one thousand or for a little over one?'
                )
            if fact.twins:
                asked.append(f'Are the dates in "{guess.name}" {" or ".join(fact.twins)}?')
        return tuple(asked)

    def _guess(self, fact: ColumnFacts) -> ColumnGuess:
        role, reason = self.roles[fact.name]
        needed = role in (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER) or (
            role in (Role.NUMERATOR, Role.DENOMINATOR) and not fact.missing
        )
        kind = self._type(fact, role)
        field = Field(
            name=fact.name,
            type=kind,
            role=role,
            required=needed,
            codes=tuple((value, "") for value in fact.values) if kind is FieldType.CODE else (),
            minimum=0.0 if role in (Role.NUMERATOR, Role.DENOMINATOR) else None,
            unit=unit_of(fact.name),
            privacy=_privacy(fact, role),
            formats=(fact.style,) if kind is FieldType.DATE and fact.style else (),
            decimal=fact.decimal,
            thousands=fact.thousands,
            at_most=self.at_most.get(fact.name, ""),
            event=_events(fact.values) if role is Role.EVENT and kind is FieldType.CODE else (),
        )
        return ColumnGuess(field, reason, fact.distinct, fact.missing, fact.values)

    def _type(self, fact: ColumnFacts, role: Role) -> FieldType:
        if fact.name in self.day_numbers:
            return FieldType.DAY_NUMBER
        if fact.is_date:
            return FieldType.DATE
        if role in (Role.SITE, Role.RECORD):
            return FieldType.TEXT
        if fact.is_flag:
            return FieldType.BOOLEAN
        if role in (Role.STRATUM, Role.EVENT) and fact.values:
            return FieldType.CODE
        if fact.is_integer:
            return FieldType.INTEGER
        return FieldType.NUMBER if fact.is_number else FieldType.TEXT


def _events(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value.casefold() in _EVENT_WORDS)


def _privacy(fact: ColumnFacts, role: Role) -> Privacy:
    if role in (Role.SITE, Role.PERIOD, Role.NUMERATOR, Role.DENOMINATOR):
        return Privacy.OPEN
    return privacy_of(fact.name, dated=fact.is_date or role is Role.DAY_NUMBER)
