"""``basewatch classify``: what the classifier says of an article, and why."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.classifier import Classifier
from alerts.classifier.explain import Explanation, explain
from basewatch.article_input import Given, articles_of, read_source
from config.settings import Settings
from config.watch import load_watch
from core.text import harmless, one_line
from core.values import Article, Attack, Label, Verdict

PARTS = 25  #: features listed by --explain; the rest moves little
COLOURS = {"on_protected": "bold red", "by_protected": "cyan", "on_other": "yellow", "on_ship": "yellow"}


def classify(
    source: str,
    *,
    published: str | None,
    outlet: str | None,
    lang: str | None,
    as_json: bool,
    explain: bool,
    settings: Settings,
) -> int:
    """Print the verdict on each article of a file or of standard input; 0. Raises InputError for what is none."""
    given = Given(published=published, outlet=outlet, lang=lang)
    articles, listed = articles_of(read_source(source), given)
    watch = load_watch(settings.watch, settings.config_dir)
    classifier = Classifier.load(watch, settings.config_dir, threshold=settings.alerts.threshold)
    for article in articles:
        if as_json:
            print(json.dumps(verdict_document(classifier.classify(article)), ensure_ascii=False))  # noqa: T201
        else:
            _print(classifier, article, with_why=explain, brief=listed and not explain)
    return 0


def verdict_document(verdict: Verdict) -> dict[str, object]:
    """The stable document of ``classify --json``; ``probability`` is that of the positive class."""
    return {
        "label": verdict.label.value,
        "probability": round(verdict.probability, 4),
        "lang": verdict.lang,
        "attacks": [attack_document(attack) for attack in verdict.attacks],
        "reasons": list(verdict.reasons),
        "model": verdict.model,
    }


def attack_document(attack: Attack) -> dict[str, object]:
    """One attack as JSON can hold it: days and instants in ISO 8601, ids and words as they are."""
    found: dict[str, object] = {}
    for name, value in asdict(attack).items():
        if name in ("event_from", "event_to", "date"):
            found[name] = value.isoformat() if value is not None else None
        else:
            found[name] = value
    return found


def _print(classifier: Classifier, article: Article, *, with_why: bool, brief: bool) -> None:
    console = Console()
    found = explain(classifier, article)
    verdict = found.verdict
    colour = "red" if verdict.label is not Label.OTHER else "green"
    line = Text.assemble(
        (verdict.label.value.upper(), f"bold {colour}"), f"  {verdict.probability:.3f}  {verdict.lang}  "
    )
    line.append(one_line(article.title) or one_line(article.text)[:100])
    console.print(line, soft_wrap=True)
    if brief:
        return
    for attack in verdict.attacks:
        console.print(_attack_table(attack))
    if with_why:
        _explain(console, found)
    else:
        for reason in verdict.reasons:
            console.print(Text(f"  {one_line(reason)}"))


def _attack_table(attack: Attack) -> Table:
    table = Table("field", "value", "words that prove it", title="Attack", title_justify="left")
    proof = {evidence.field: evidence.text for evidence in attack.evidence}
    for name, value in attack_document(attack).items():
        if name not in ("evidence", "origins") and value not in (None, (), False):
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            table.add_row(name, Text(one_line(shown)), Text(one_line(proof.get(name, ""))))
    if attack.origins:
        table.add_row("origins", Text(", ".join(one_line(origin.name) for origin in attack.origins)), "")
    return table


def _explain(console: Console, found: Explanation) -> None:
    text = Text(harmless(found.raw))  # same length: the spans hold
    for start, end, kind in found.spans:
        text.stylize(COLOURS.get(kind, "dim"), start, end)
    console.print(text)
    frames = Table("where", "frame", "target", "site", "events", "weapons", "turned by", "day", title="Frames")
    for frame in found.frames:
        kind = frame.kind + ("" if frame.strong else " (weak)")
        words = (" ".join(frame.events), " ".join(frame.weapons), " ".join(frame.turned_by))
        frames.add_row(frame.position, kind, Text(one_line(frame.target)), frame.site or "", *words, frame.day or "")
    console.print(frames)
    parts = Table("feature", "value", "adds to the log-odds", title="Features")
    parts.add_row("(bias)", "", f"{found.bias:+.3f}")
    for name, value, part in found.parts[:PARTS]:
        parts.add_row(name, f"{value:g}", f"{part:+.3f}")
    console.print(parts)
    console.print(f"probability {found.verdict.probability:.3f}, threshold {found.threshold:.3f}", highlight=False)
