"""Whose word a report passes on: only a named body with authority makes an official origin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.values import OriginKind, Verdict

Ask = Callable[..., Verdict]

# language -> (headline, lead that cites a body with authority, the body as the report names it)
NAMED = {
    "en, the protected side": (
        "Drone hits base of US forces at Erbil airport",
        "A drone hit the US base at Erbil airport today, US Central Command announced.",
        "US Central Command",
    ),
    "en, the colon of a headline": ("CENTCOM: drone hits US base at Erbil airport", "", "CENTCOM"),
    "en, a body of Kurdistan": (
        "Drone shot down near Erbil airport",
        "A drone was shot down near the US base at Erbil airport, the Kurdistan CTG said.",
        "Kurdistan CTG",
    ),
    "en, an army of the country": (
        "Drones target US base Camp Arifjan",
        "Two drones targeted the US base at Camp Arifjan, the Kuwaiti defence ministry said.",
        "Kuwaiti defence ministry",
    ),
    "ar": (
        "مسيّرة تستهدف القاعدة الأميركية في مطار أربيل",
        "أعلنت القيادة المركزية الأميركية أن مسيّرة استهدفت القاعدة الأميركية في مطار أربيل اليوم.",
        "القيادة المركزية الأميركية",
    ),
    "ar, of the country": (
        "صواريخ تستهدف قاعدة عين الأسد",
        "ذكرت خلية الإعلام الأمني أن صاروخين سقطا على قاعدة عين الأسد التي تضم قوات أميركية.",
        "خلية الإعلام الأمني",
    ),
    "fa": (
        "حمله پهپادی به پایگاه آمریکا در اربیل",
        "سنتکام اعلام کرد که امروز یک پهپاد به پایگاه آمریکا در فرودگاه اربیل حمله کرد.",
        "سنتکام",
    ),
    "ckb": (
        "درۆنێک لە نزیک فڕۆکەخانەی هەولێر خرایە خوارەوە",
        "دەزگای دژەتیرۆری کوردستان رایگەیاند، درۆنێک لە نزیک بنکەی ئەمریکا لە فڕۆکەخانەی هەولێر خرایە خوارەوە.",
        "دەزگای دژەتیرۆری",
    ),
    "ku": (
        "Dron li ser baregeha Amerîkayê ya Herîrê",
        "CENTCOM ragihand ku dronek êrîşî baregeha hêzên Amerîkayê ya Herîrê kir.",
        "CENTCOM",
    ),
    "tr": (
        "Erbil Havalimanı'ndaki ABD üssüne İHA saldırısı",
        "ABD üssüne bugün İHA saldırısı düzenlendi. CENTCOM saldırıyı doğruladı, yaralı olmadığını açıkladı.",
        "CENTCOM",
    ),
    "he": ("סנטקום: רקטות נורו לעבר בסיס עין אל-אסד", "", "סנטקום"),
    "ru": (
        "База США Айн-эль-Асад обстреляна ракетами",
        "Пентагон сообщил, что база США Айн-эль-Асад обстреляна ракетами.",
        "Пентагон",
    ),
    "fr": (
        "Irak : des roquettes tirées sur la base d'Aïn al-Assad",
        "Le Pentagone a annoncé que des roquettes ont été tirées sur la base américaine d'Aïn al-Assad.",
        "Pentagone",
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_command_or_a_body_of_the_country_that_speaks_is_official_with_its_name(name: str, verdict_on: Ask) -> None:
    title, text, body = NAMED[name]
    (attack,) = verdict_on(title, text).attacks
    named = [origin.name for origin in attack.origins if origin.kind is OriginKind.OFFICIAL]
    assert any(body in name for name in named), attack.origins


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Drone hits US base at Erbil airport", "A drone hit the base at Erbil airport, officials said."),
        ("Drone hits US base at Erbil airport", "A drone hit the base there, a spokesman said in a statement."),
        ("Drone hits US base at Erbil airport", "A drone hit the base at Erbil airport, a US military official said."),
        ("Drone hits US base at Erbil airport", "A drone hit the base there, a source in the Pentagon said."),
        ("مسيّرة تستهدف القاعدة الأميركية في مطار أربيل", "قال متحدث في بيان إن مسيّرة استهدفت القاعدة الأميركية اليوم."),
        ("Tower 22 base hit by drone", "A drone hit the US base Tower 22. The Iranian army said it had no part in it."),
    ],
)  # fmt: skip
def test_a_word_for_officials_alone_is_no_named_body(title: str, text: str, verdict_on: Ask) -> None:
    (attack,) = verdict_on(title, text).attacks
    assert [origin.name for origin in attack.origins if origin.kind is OriginKind.OFFICIAL] == []
