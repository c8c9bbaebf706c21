"""The parameters of permessage-deflate under the names of RFC 7692, as Python's websockets has them.

Window bits are 0 where nothing is said, and 1 for client_max_window_bits without a value.
"""


def options(params):
    """Returns the arguments of the extension's factories."""
    bits = {0: None, 1: True}
    return {name: value if isinstance(value, bool) else bits.get(value, value) for name, value in params.items()}


def agreed(ws, local, remote):
    """Returns what a connection compresses with, or None if it does not."""
    if not ws.extensions:
        return None
    (extension,) = ws.extensions
    return {
        f"{local}_no_context_takeover": extension.local_no_context_takeover,
        f"{remote}_no_context_takeover": extension.remote_no_context_takeover,
        f"{local}_max_window_bits": extension.local_max_window_bits,
        f"{remote}_max_window_bits": extension.remote_max_window_bits,
    }
