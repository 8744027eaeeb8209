"""What outlets see of us in some simulated hours: nothing that they did not allow."""

from __future__ import annotations

from bench.politeness import measure


def test_no_server_is_asked_for_what_we_have_nor_when_it_asked_us_to_wait(on_reactor):
    figures = on_reactor(measure(hours=1.3, restarts=2))
    wrong = (
        "needless_full_downloads", "requests_in_retry_after", "requests_in_lifetime", "robots_txt_again_within_a_day",
        "requests_over_budget_in_304_storm",
    )  # fmt: skip
    assert {name: figures[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert figures["n_pauses"] >= 2
    assert figures["n_not_modified"] > 100
    assert figures["n_full_unavoidable"] > 0  # the servers do judge
