"""How wide text is in the shipped font, so that labels can be placed without meeting each other."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FAMILY: Final = "Noto Sans"
STACK: Final = "Noto Sans,Inter,Segoe UI,system-ui,sans-serif"
FONTS: Final = Path(__file__).parent / "fonts"
FONT_FILES: Final = (FONTS / "NotoSans-Regular.ttf", FONTS / "NotoSans-Bold.ttf")

# Advance widths of the characters 32 to 126 in thousandths of the size.
_REGULAR: Final = (
    "260 269 408 646 572 831 732 225 300 300 551 572 268 322 268 372 572 572 572 572 572 572 572 572 "
    "572 572 268 268 572 572 572 434 899 639 650 632 730 556 519 728 741 339 273 619 524 907 760 781 "
    "605 781 622 549 556 731 600 930 586 566 572 329 372 329 572 444 281 561 615 480 615 564 344 615 "
    "618 258 258 534 258 935 618 605 615 615 413 479 361 618 508 786 529 510 470 380 551 380 572 "
)
_BOLD: Final = (
    "260 286 472 646 572 901 750 266 339 339 545 572 285 322 285 413 572 572 572 572 572 572 572 572 "
    "572 572 285 285 572 572 572 477 897 690 672 637 740 560 549 724 765 389 331 664 565 943 813 796 "
    "628 796 660 551 579 756 650 967 667 624 579 331 413 331 572 411 362 604 633 514 633 591 387 633 "
    "657 305 305 620 305 982 657 619 633 633 454 497 434 657 569 856 578 569 488 394 551 394 572 "
)
_WIDTHS: Final = {
    bold: {chr(32 + at): int(width) for at, width in enumerate(table.split())}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
_STAYS: Final = {"h", "d", "%", "·"}
_LEADS: Final = {"Aim", "aim"}
_OTHER: Final = 620
_WIDE: Final = 1000
_FIRST_WIDE: Final = "\u2e80"


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text at this size, in the units of the size.

    Example:
        >>> round(width("61 h", 12), 1)
        24.3
    """
    table = _WIDTHS[bold]
    return sum(table.get(char, _WIDE if char >= _FIRST_WIDE else _OTHER) for char in text) * size / 1000


def wrap(text: str, size: float, room: float, bold: bool = False) -> tuple[str, ...]:
    """Return the text in lines no wider than `room`; one long word keeps its own line.

    Example:
        >>> wrap("one two three", 10, 45)
        ('one two', 'three')
    """
    lines: list[str] = []
    line = ""
    for word in _words(text):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, bold) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line) if line else tuple(lines)


def _words(text: str) -> list[str]:
    """Return the words of the text; a short unit or a dot between parts stays with what is before it."""
    words: list[str] = []
    for word in text.split():
        if words and (word in _STAYS or words[-1] in _LEADS):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def covered(text: str) -> bool:
    """Return True when the shipped font has every letter of the text (Latin, Greek, Cyrillic and their signs)."""
    return all(char < "\u0590" or "\u1e00" <= char <= "\u20ac" or char in "\u2116\u2122" for char in text)
