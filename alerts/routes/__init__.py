"""Who is told of what, when: decided purely (``facts``, ``matching``, ``hours``, ``holding``, ``planning``), written by
``alerts/dispatch.py``.

::

    notice -> facts | the rules that fit | their channels | each channel's own settings | silence, quiet, digest, burst
           -> Plan: send now, hold until, or refuse, each with its reason
"""
