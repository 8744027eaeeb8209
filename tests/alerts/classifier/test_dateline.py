"""The town a report was written in is not where the attack was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.values import Verdict

Ask = Callable[..., Verdict]


@pytest.mark.parametrize(
    "dateline",
    ["ERBIL — ", "BAGHDAD (Reuters) - ", "Shafaq News- Erbil\n\n", "Shafaq News/ Erbil/ ", "ERBIL, March 12 (AFP) -- "],
)
def test_the_town_of_a_dateline_is_no_site(dateline: str, verdict_on: Ask) -> None:
    lead = "Two drones were shot down today over the US base of al-Tanf in Syria, a security source said."
    verdict = verdict_on("Two drones shot down over US base at al-Tanf", dateline + lead)
    assert [attack.base for attack in verdict.attacks] == ["al-tanf"]


def test_the_name_of_a_base_proper_stays_in_a_dateline(verdict_on: Ask) -> None:
    verdict = verdict_on(
        "Rockets hit US base in Iraq", "AIN AL-ASAD — Five rockets hit the base today, a witness said."
    )
    assert [attack.base for attack in verdict.attacks] == ["ain-al-asad"]


def test_a_town_beside_a_base_is_not_the_base(verdict_on: Ask) -> None:
    text = "RUWAISHED — Three rockets struck the US outpost Tower 22 today. Residents of Ruwaished heard explosions."
    verdict = verdict_on("Rockets said to hit US outpost Tower 22", text)
    assert [attack.base for attack in verdict.attacks] == ["tower-22"]
