"""The text that Prometheus reads."""

from __future__ import annotations

from basewatch.health.exposition import Family, Histogram, Sample, by_label, render, single


def test_a_metric_is_told_with_its_help_its_type_and_its_value() -> None:
    text = render([single("basewatch_incidents_total", "counter", "Incidents opened.", 3)])
    assert text == (
        "# HELP basewatch_incidents_total Incidents opened.\n"
        "# TYPE basewatch_incidents_total counter\n"
        "basewatch_incidents_total 3\n"
    )


def test_a_moment_that_never_was_has_no_sample() -> None:
    assert render([single("x", "gauge", "X.", None)]) == "# HELP x X.\n# TYPE x gauge\n"


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    text = render([by_label("x", "gauge", "X.", "outlet", {'a"} 1\nevil{b="\\': 1})])
    assert text.splitlines()[2:] == ['x{outlet="a\\"} 1\\nevil{b=\\"\\\\"} 1']


def test_a_histogram_counts_up_to_each_bound_and_on_it() -> None:
    histogram = Histogram((1, 5))
    for value in (0.2, 1.0, 4.9, 60):
        histogram.observe(value)
    lines = [line for line in render([histogram.family("t", "T.")]).splitlines() if not line.startswith("#")]
    assert lines == ['t_bucket{le="1"} 2', 't_bucket{le="5"} 3', 't_bucket{le="+Inf"} 4', "t_sum 66.1", "t_count 4"]


def test_big_and_small_numbers_stay_exact() -> None:
    samples = (Sample(2**40), Sample(0.000001), Sample(float("inf")))
    lines = render([Family("x", "gauge", "X.", samples)]).splitlines()[2:]
    assert lines == ["x 1099511627776", "x 1e-06", "x +Inf"]
