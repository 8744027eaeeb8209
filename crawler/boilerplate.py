"""Lines that outlets hang around their text, and the dateline before it: neither is the story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_FURNITURE = re.compile(
    r"^(?:"
    # English
    r"read (?:also|more|next)\b.{0,160}|also read\b.{0,160}|related(?: articles?| news)?:?.{0,120}|see also\b.{0,160}|"
    r"share(?: this)?(?: (?:on|via|article|story)\b.{0,60})?:?|follow us\b.{0,120}|tags?:.{0,200}|advertisement|"
    r"(?:facebook|twitter|x|whatsapp|telegram|viber|e-?mail|print|copy link|linkedin)|"
    r"subscribe\b.{0,120}|sign up\b.{0,120}|all rights reserved.{0,80}|keep reading|click here\b.{0,100}|"
    r"shafaq live|radio(?: radio)? icon|(?:most read|latest news|breaking news|live updates|trending(?: now)?):?|"
    # Arabic, Persian, Sorani
    r"اقرأ (?:أيضا|أيضًا|أيضاً|ايضا|المزيد)\b.{0,160}|إقرأ (?:أيضا|أيضًا|أيضاً|ايضا|المزيد)\b.{0,160}|"
    r"(?:مواضيع|أخبار|مقالات) ذات صلة:?|شارك(?: الخبر| المقال)?(?: على .{0,40})?:?|تابعونا? على .{0,80}|"
    r"(?:كلمات مفتاحية|الوسوم|وسوم):?.{0,160}|جميع الحقوق محفوظة.{0,80}|"
    r"بیشتر بخوانید:?.{0,160}|(?:همچنین )?بخوانید:.{0,160}|انتهای پیام/?.{0,20}|اشتراک گذاری:?|"
    r"عاجل[:|]?|آخر الأخبار:?|الأكثر قراءة:?|آخرین اخبار:?|"
    r"پربازدیدترین(?: اخبار)?:?|بیشتر بخوانید|همچنین بخوانید|بخوانید|"
    r"(?:هەروەها|زیاتر|زۆرتر) بخوێنە(?:رەوە|وە)\b.{0,160}|بابەتی پەیوەندیدار:?.{0,120}|"
    r"هاوبەشی پێ ?بکە:?|دوایین هەواڵ(?:ەکان)?:?|"
    # Kurmanji, Somali
    r"(?:herwiha|her wiha|zêdetir|bêhtir) bixwîn(?:e|in)\b.{0,160}|parve bik(?:e|in):?|nûçeyên têkildar:?.{0,120}|"
    r"(?:sidoo kale akhri|akhri sidoo kale|la wadaag)\b.{0,120}|"
    r"(?:devamını oku(?:yun)?|paylaş|son dakika|en çok okunanlar):?|"
    # Turkish, French, Russian, Hebrew
    r"(?:haberin devamı|ilgili haberler|ayrıca oku(?:yun)?)\b.{0,120}|lire aussi\b.{0,160}|à lire aussi\b.{0,160}|"
    r"читайте также:?.{0,160}|קראו עוד:?.{0,160}"
    r")$",
    re.IGNORECASE,
)
_LONGEST_LINE = 240  #: a longer paragraph tells something, whatever it starts with


def is_boilerplate(line: str) -> bool:
    """Whether this paragraph is the outlet's furniture: "Read also", share buttons, a ticker."""
    return len(line) <= _LONGEST_LINE and _FURNITURE.match(line.strip(" \t-–—•|*>»«")) is not None


def clean_paragraphs(lines: Iterable[str], dateline: re.Pattern[str] | None = None, title: str = "") -> list[str]:
    """The paragraphs of the story: no furniture, no repeated title before it, no double in a row, no dateline."""
    story: list[str] = []
    for line in lines:
        text = line.strip()
        if not text or is_boilerplate(text) or (story and story[-1] == text):
            continue
        if not story and title and text == title:
            continue
        story.append(text)
    if story and dateline is not None:
        story[0] = strip_dateline(story[0], dateline)
        if not story[0]:
            story.pop(0)
    return story


def strip_dateline(text: str, dateline: re.Pattern[str]) -> str:
    """The text without "Shafaq News- Baghdad" before it: the city of the desk is not the place of the event."""
    match = dateline.match(text)
    return text[match.end() :].lstrip(" \t-–—/:") if match is not None else text


def joined(lines: Sequence[str]) -> str:
    """Paragraphs as one text, a blank line between."""
    return "\n\n".join(lines)
