"""Names of months and weekdays in the languages that Basewatch reads: plain dictionaries, language -> name -> number.

Names stand as outlets print them, several for one month where habits differ (Levant and Egypt, nominative and
genitive, short forms). Compare them after ``fold_name``, which both sides of a look-up pass through.
Sources: Unicode CLDR 46 (en, ar, ar-EG, fa, ckb, ku, tr, fr, ru, he, and ar-LB for the Levant), the spellings of the
outlets themselves for the variants that CLDR does not list (مايس, جولای, Çiriya Pêşîn, ئازار).
"""

from __future__ import annotations

import re
import unicodedata

# Letters that outlets write in either form; one of them is kept.
_SAME_LETTER = str.maketrans(
    {
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ھ": "ه",
        "ڵ": "ل",
        "ڕ": "ر",
        "ı": "i",
        "ـ": None,
        "\u200c": None,
        "\u200d": None,
    }
)
_NON_ASCII_DIGIT = re.compile(r"[^\D0-9]")


def ascii_digits(text: str) -> str:
    """The text with the decimal digits of every script as 0-9: "٢١" and "۲۱" are "21"."""
    if text.isascii():
        return text
    return _NON_ASCII_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


def fold_name(name: str) -> str:
    """A name without case, marks, tatweel and letter variants: "Nîsan" and "nisan", "أيّار" and "ايار" become one."""
    bare = unicodedata.normalize("NFKD", name.translate(_SAME_LETTER).casefold())
    marks_off = "".join(char for char in bare if not unicodedata.combining(char))
    return marks_off.translate(_SAME_LETTER)


def _numbered(*rows: str) -> dict[str, int]:
    """One row a month, its names parted by commas."""
    return {name.strip(): number for number, row in enumerate(rows, 1) for name in row.split(",")}


def _weekdays(*rows: str) -> dict[str, int]:
    return {name: number - 1 for name, number in _numbered(*rows).items()}


#: language -> name -> 1 (January) to 12
GREGORIAN_MONTHS: dict[str, dict[str, int]] = {
    "en": _numbered(
        "January,Jan", "February,Feb", "March,Mar", "April,Apr", "May", "June,Jun", "July,Jul", "August,Aug",
        "September,Sept,Sep", "October,Oct", "November,Nov", "December,Dec",
    ),
    "ar": _numbered(
        "كانون الثاني,يناير,جانفي", "شباط,فبراير,فيفري", "آذار,اذار,مارس", "نيسان,أبريل,ابريل,إبريل,أفريل",
        "أيار,ايار,مايو,مايس,ماي", "حزيران,يونيو,يونيه,جوان", "تموز,يوليو,يوليه,جويلية", "آب,اب,أغسطس,اغسطس,أوت",
        "أيلول,ايلول,سبتمبر", "تشرين الأول,تشرين الاول,أكتوبر,اكتوبر", "تشرين الثاني,نوفمبر",
        "كانون الأول,كانون الاول,ديسمبر",
    ),
    "fa": _numbered(
        "ژانویه,ژانویهٔ,جنوری", "فوریه,فوریهٔ,فبروری", "مارس,مارچ", "آوریل,آپریل,اپریل", "مه,می,مهٔ", "ژوئن,جون",
        "ژوئیه,ژوئیهٔ,جولای", "اوت,آگوست,اگست", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ),
    "ckb": _numbered(
        "کانوونی دووەم,کانونی دووەم,ینایر,یەنایەر,جانیوەری", "شوبات,شووبات,فێبرایەر,فێبریوەری",
        "ئازار,ئادار,مارت,مارس", "نیسان,ئەپریل,ئاپریل", "ئایار,مایس",
        "حوزەیران,حوزه‌یران,یونیۆ", "تەممووز,تەمموز,تەموز,یولیۆ,جولای", "ئاب,ئۆگۆست,ئۆگست,ئاگۆست",
        "ئەیلوول,ئەیلول,سێپتەمبەر,سێپتێمبەر,سەپتەمبەر", "تشرینی یەکەم,ئۆکتۆبەر,ئۆکتۆبر,ئوکتۆبەر",
        "تشرینی دووەم,نۆڤەمبەر,نۆڤێمبەر,نۆفەمبەر", "کانوونی یەکەم,کانونی یەکەم,دیسەمبەر,دێسەمبەر",
    ),
    "ku": _numbered(
        "Rêbendan,Çile,Kanûna Paşîn,Kanûna Duyem,Kanûna Duyemîn", "Sibat,Reşemî,Şibat", "Adar", "Nîsan,Avrêl", "Gulan",
        "Hezîran,Pûşper", "Tîrmeh,Tîrmeha,Temmûz,Temûz", "Tebax,Gelawêj", "Îlon,Rezber",
        "Cotmeh,Çiriya Pêşîn,Çiriya Yekem,Kewçêr", "Mijdar,Çiriya Paşîn,Çiriya Duyem,Sermawez",
        "Kanûn,Kanûna Pêşîn,Kanûna Yekem,Berfanbar",
    ),
    "tr": _numbered(
        "Ocak,Oca", "Şubat,Şub", "Mart,Mar", "Nisan,Nis", "Mayıs,May", "Haziran,Haz", "Temmuz,Tem", "Ağustos,Ağu",
        "Eylül,Eyl", "Ekim,Eki", "Kasım,Kas", "Aralık,Ara",
    ),
    "fr": _numbered(
        "janvier,janv", "février,févr,fév", "mars", "avril,avr", "mai", "juin", "juillet,juil", "août",
        "septembre,sept",        "octobre,oct", "novembre,nov", "décembre,déc",
    ),
    "ru": _numbered(
        "январь,января,янв", "февраль,февраля,фев,февр", "март,марта,мар", "апрель,апреля,апр", "май,мая",
        "июнь,июня,июн",        "июль,июля,июл", "август,августа,авг", "сентябрь,сентября,сен,сент",
        "октябрь,октября,окт",
        "ноябрь,ноября,ноя,нояб", "декабрь,декабря,дек",
    ),
    "he": _numbered(
        "ינואר", "פברואר", "מרץ,מרס", "אפריל", "מאי", "יוני", "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר"
    ),
}  # fmt: skip

#: months of the Iranian solar calendar: language -> name -> 1 (from 20 or 21 March) to 12
JALALI_MONTHS: dict[str, dict[str, int]] = {
    "fa": _numbered(
        "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد,امرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"
    ),
    "ckb": _numbered(
        "خاکەلێوە", "گوڵان,بانەمەڕ", "جۆزەردان", "پووشپەڕ,پوشپەڕ", "گەلاوێژ", "خەرمانان", "ڕەزبەر,رەزبەر",
        "گەڵاڕێزان,خەزەڵوەر", "سەرماوەز", "بەفرانبار", "ڕێبەندان,رێبەندان", "ڕەشەمە,ڕەشەمێ,رەشەمە",
    ),
}  # fmt: skip

#: language -> name -> 0 (Monday) to 6, as ``date.weekday()`` counts
WEEKDAYS: dict[str, dict[str, int]] = {
    "en": _weekdays(
        "Monday,Mon", "Tuesday,Tue,Tues", "Wednesday,Wed", "Thursday,Thu,Thur,Thurs", "Friday,Fri",
        "Saturday,Sat", "Sunday,Sun",
    ),
    "ar": _weekdays(
        "الاثنين,الإثنين,اثنين", "الثلاثاء,الثلثاء,ثلاثاء", "الأربعاء,الاربعاء,أربعاء", "الخميس,خميس", "الجمعة,جمعة",
        "السبت,سبت", "الأحد,الاحد,أحد",
    ),
    "fa": _weekdays(
        "دوشنبه", "سه‌شنبه,سه شنبه", "چهارشنبه,چهار شنبه", "پنجشنبه,پنج‌شنبه,پنج شنبه", "جمعه,آدینه", "شنبه",
        "یکشنبه,یک‌شنبه",
    ),
    "ckb": _weekdays(
        "دووشەممە,دوو شەممە,دووشەمە,دوشەممە,دوشەمە", "سێشەممە,سێ شەممە,سێشەمە", "چوارشەممە,چوار شەممە,چوارشەمە",
        "پێنجشەممە,پێنج شەممە,پێنجشەمە,پێنج شەمە", "هەینی,جومعە", "شەممە,شەمە", "یەکشەممە,یەک شەممە,یەکشەمە",
    ),
    "ku": _weekdays(
        "Duşem,Duşemê,Duşemb,Duşembê,Duşemiyê", "Sêşem,Sêşemê,Sêşemb,Sêşembê,Sêşemiyê",
        "Çarşem,Çarşemê,Çarşemb,Çarşembê,Çarşemiyê", "Pêncşem,Pêncşemê,Pêncşemb,Pêncşembê,Pêncşemiyê",
        "În,Înê,Înî,Îniyê", "Şemî,Şemiyê,Şemê,Şemb,Şembê,Şembiyê", "Yekşem,Yekşemê,Yekşemb,Yekşembê,Yekşemiyê",
    ),
    "tr": _weekdays(
        "Pazartesi,Pzt", "Salı,Sal", "Çarşamba,Çar", "Perşembe,Per", "Cuma,Cum", "Cumartesi,Cmt", "Pazar,Paz"
    ),
    "fr": _weekdays("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "ru": _weekdays(
        "понедельник,понедельника", "вторник,вторника", "среда,среду,среды", "четверг,четверга",
        "пятница,пятницу,пятницы", "суббота,субботу,субботы", "воскресенье,воскресенья",
    ),
    "he": _weekdays("יום שני", "יום שלישי", "יום רביעי", "יום חמישי", "יום שישי", "שבת,יום שבת", "יום ראשון"),
}  # fmt: skip

#: "today", "yesterday": language -> word -> days to add
RELATIVE_DAYS: dict[str, dict[str, int]] = {
    "en": {"today": 0, "yesterday": -1},
    "ar": {"اليوم": 0, "أمس": -1, "امس": -1},
    "fa": {"امروز": 0, "دیروز": -1},
    "ckb": {"ئەمڕۆ": 0, "دوێنێ": -1},
    "ku": {"îro": 0, "duh": -1},
    "tr": {"bugün": 0, "dün": -1},
    "fr": {"aujourd'hui": 0, "aujourd’hui": 0, "hier": -1},
    "ru": {"сегодня": 0, "вчера": -1},
    "he": {"היום": 0, "אתמול": -1},
}
