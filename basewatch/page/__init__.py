"""The status page: what Basewatch watches and how it does, for a person on the same machine.

::

    server.py (uvicorn on the daemon's loop) | gate.py (Host, Origin, token, headers) | app.py (the addresses)
      | content.py (read from the database) | view.py (pure: what stands on the page) | templates/

Server-rendered, without script and without anything from elsewhere. A map and a triage console come later: as routes in
``app.py``, templates that extend ``base.html``, and values that ``content.py`` reads (incidents carry coordinates).
"""
