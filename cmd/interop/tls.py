"""TLS for the servers."""

import os
import ssl


def context():
    """Returns None if the environment names no certificate."""
    if "CERT" not in os.environ:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.environ["CERT"], os.environ["KEY"])
    return made
