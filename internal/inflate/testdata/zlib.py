"""Deflates and inflates with zlib what the lines of the input ask for, each
of them JSON, and answers each with a line."""

import base64
import json
import sys
import zlib

TAIL = b"\x00\x00\xff\xff"


def deflate(messages, level, wbits, mem, strategy, flush):
    """Messages of one stream, or of one each if they are to be finished."""
    z = None
    for m in messages:
        if z is None or flush == zlib.Z_FINISH:
            z = zlib.compressobj(level, zlib.DEFLATED, -wbits, mem, strategy)
        out = z.compress(m) + z.flush(flush)
        if flush == zlib.Z_FINISH:
            out += b"\x00"  # RFC 7692, 7.2.3.4
        elif out.endswith(TAIL):
            out = out[: -len(TAIL)]
        yield out


def streams(data, wbits, step):
    """What comes out of stream after stream, which is cut into steps; how many
    octets were given when it failed, or -1; and whether the last has ended."""
    out, at, ended = b"", 0, True
    z = None
    while at < len(data):
        if ended:
            z = zlib.decompressobj(-wbits, out[-32768:])
        piece = data[at : at + step]
        at += len(piece)
        try:
            out += z.decompress(piece)
        except zlib.error:
            return out, at, False
        ended = z.eof
        at -= len(z.unused_data)
    return out, -1, ended


def whole(data, wbits):
    """The message, if it ends between two blocks: then one more, be it empty
    or of one letter, makes a whole stream of it."""
    out, failed, ended = streams(data + b"\x01\x00\x00\xff\xff", wbits, len(data) + 5)
    if failed >= 0 or not ended:
        return None
    more, failed, ended = streams(data + b"\x01\x01\x00\xfe\xffA", wbits, len(data) + 6)
    return out if failed < 0 and ended and more == out + b"A" else None


def inflate(data, wbits):
    for d in (data, data + TAIL):
        out = whole(d, wbits)
        if out is not None:
            return out, -1, True
    return streams(data + TAIL, wbits, 1)[:2] + (False,)


def text(b):
    return base64.b64encode(b).decode()


for line in sys.stdin:
    ask = json.loads(line)
    data = [base64.b64decode(m) for m in ask["Messages"]]
    if ask["Inflate"]:
        out, at, ok = inflate(data[0], ask["WindowBits"])
        answer = {"Out": [text(out)], "At": at, "OK": ok}
    else:
        out = deflate(data, ask["Level"], ask["WindowBits"], ask["MemLevel"], ask["Strategy"], ask["Flush"])
        answer = {"Out": [text(m) for m in out], "OK": True}
    print(json.dumps(answer))
