"""On PYTHONPATH of a child process: names under example.org take a minute to resolve, as with a dead name server."""

import socket
import time

_resolve = socket.getaddrinfo


def _slowly(host, *args, **more):
    if host and str(host).endswith("example.org"):
        time.sleep(60)
    return _resolve(host, *args, **more)


socket.getaddrinfo = _slowly
