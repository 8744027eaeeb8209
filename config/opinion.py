"""The settings of the second opinion: a language model that may be asked about doubtful articles."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from config.fields import Line, Section, setting
from config.secret import Secret


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _, has_user = parts.hostname, parts.port, "@" in parts.netloc
    except ValueError:
        raise ValueError("is no URL that can be read") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("must start with https:// or http:// and name a host, such as http://127.0.0.1:11434/v1")
    if has_user or parts.query or parts.fragment:
        raise ValueError("must hold no user, query or fragment: a key belongs into opinion.api_key")
    return url.rstrip("/")


class OpinionSettings(Section):
    """A language model asked about doubtful articles; it may lower a verdict or break a tie, never raise one alone."""

    endpoint: Annotated[str, AfterValidator(_check_url)] | None = setting(
        None, "OpenAI-compatible endpoint (Ollama, vLLM, hosted), up to and with /v1; unset: nobody is asked."
    )
    model: Line = setting("", "Name of the model at that endpoint.", max_length=200)
    api_key: Secret | None = setting(None, "Key of the endpoint, where it wants one.")
    allow_private: bool = setting(False, "Allow a private address or plain http for this endpoint.")
    timeout_s: float = setting(15, "Total time for one answer; after it the verdict stands as it was.", unit="s", gt=0)
    per_hour: int = setting(60, "Most questions within an hour; past them nobody is asked.", ge=1)
    doubt_up_to: float = setting(0.8, "A positive verdict up to this probability is doubtful.", gt=0, lt=1)
    tie_within: float = setting(
        0.1, "A negative verdict this close under the threshold is a tie that the answer may break.", ge=0, le=0.2
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.endpoint is None:
            return self
        if not self.model:
            raise ValueError("model is missing: name the model that opinion.endpoint serves")
        if self.endpoint.startswith("http:") and not self.allow_private:
            raise ValueError("endpoint uses http, which anyone on the way can read: use https, or set allow_private")
        return self

    @property
    def host(self) -> str:
        """``host`` or ``host:port`` of the endpoint, lower case."""
        return urlsplit(self.endpoint or "").netloc.lower()
