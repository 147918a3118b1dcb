"""A calendar feed in iCalendar form (RFC 5545): lines of 75 octets, ended by CR LF, text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from allteach.web.rhythm.models import Meeting, Report
from allteach.web.sites.models import Network


def feed(network: Network, meetings: Iterable[Meeting], reports: Iterable[Report], home: str) -> str:
    """Return the calendar of a network: meetings, and the days on which reports are due."""
    stamp = _moment(datetime.now(tz=UTC))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//allteach//calendar//EN",
        f"X-WR-CALNAME:{_text(network.name)}",
    ]
    for meeting in meetings:
        lines += [
            "BEGIN:VEVENT",
            f"UID:meeting-{meeting.pk}@allteach",
            f"DTSTAMP:{stamp}",
            f"DTSTART:{_moment(meeting.starts)}",
            f"DTEND:{_moment(meeting.ends)}",
            f"SUMMARY:{_text(meeting.title)}",
            f"LOCATION:{_text(meeting.place)}",
            f"DESCRIPTION:{_text(meeting.agenda)}",
            f"URL:{home}n/{network.slug}/calendar/{meeting.pk}/",
            f"STATUS:{'CANCELLED' if meeting.cancelled else 'CONFIRMED'}",
            "END:VEVENT",
        ]
    for report in reports:
        lines += [
            "BEGIN:VEVENT",
            f"UID:report-{report.pk}@allteach",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{report.due:%Y%m%d}",
            f"DTEND;VALUE=DATE:{report.due + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'Report due: {report}')}",
            f"URL:{home}n/{network.slug}/reports/{report.pk}/",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def fold(line: str) -> list[str]:
    """Return the line cut to pieces of at most 75 octets, each further one begun with a blank, characters kept whole.

    Example:
        >>> [len(piece.encode()) for piece in fold("SUMMARY:" + "ä" * 40)]
        [74, 15]
    """
    pieces, current, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 75:
            pieces.append(current)
            current, size = " ", 1
        current += character
        size += width
    return [*pieces, current]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")
