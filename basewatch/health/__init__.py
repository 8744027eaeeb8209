"""How Basewatch knows, and shows, that it lives: checks, counters, heartbeat and canary.

::

    storage.vitals ──▶ checks.py (pure) ──▶ /readyz, the status page
          │                 └──▶ heartbeat.py ──▶ a service outside, whose alarm is our silence
          ├──▶ counts.py ──▶ exposition.py ──▶ /metrics
          └──▶ canary.py: a made-up article the whole way, at start and daily
"""
