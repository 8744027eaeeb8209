"""Distinct attacks on distinct sites, as plain wire copy, for tests that need many."""

from __future__ import annotations

from datetime import datetime

from tests.acceptance.newsroom import Story

#: site id, the name that the story uses, the country's name
SITES = (
    ("ain-al-asad", "Ain al-Asad air base", "western Iraq"),
    ("harir", "Harir air base", "northern Iraq"),
    ("al-tanf", "al-Tanf garrison", "southern Syria"),
    ("conoco", "the Conoco gas field base", "eastern Syria"),
    ("al-shaddadi", "al-Shaddadi base", "northeastern Syria"),
    ("tower-22", "Tower 22", "northeastern Jordan"),
    ("al-udeid", "Al Udeid Air Base", "Qatar"),
    ("al-dhafra", "Al Dhafra air base", "the United Arab Emirates"),
    ("ali-al-salem", "Ali al-Salem air base", "Kuwait"),
    ("camp-arifjan", "Camp Arifjan", "Kuwait"),
    ("prince-sultan", "Prince Sultan Air Base", "Saudi Arabia"),
    ("muwaffaq-salti", "Muwaffaq Salti air base", "Jordan"),
)


def attack_on(site: tuple[str, str, str], at: datetime) -> Story:
    """A report, an hour old at most, of two drones at US troops on this site."""
    _, name, where = site
    return Story(
        title=f"Two drones hit {name} housing US troops, security source says",
        paragraphs=(
            f"Two explosive drones struck {name} in {where}, where US forces are stationed, a security source told "
            f"Shafaq News on {at:%A}.",
            "The source, who asked not to be named, said that the drones fell inside the base and that there was no "
            "immediate word on casualties.",
            "No group has claimed responsibility for the attack so far.",
        ),
        published_at=at,
    )
