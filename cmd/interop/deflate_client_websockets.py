"""Python's websockets with every offer of permessage-deflate: deflate_client_websockets.py PLAN.

PLAN is a file with the URL to put the number of a case behind, the messages, and the offers. A line of JSON is printed
for each case: {"case": number, "error": what went wrong, or "", "agreed": the parameters}.
"""

import asyncio
import base64
import json
import sys

from deflate_websockets import agreed, options
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.legacy.client import connect

with open(sys.argv[1], encoding="utf-8") as file:
    PLAN = json.load(file)
PAYLOADS = [(m["op"], base64.b64decode(m["payload"])) for m in PLAN["messages"]]
MESSAGES = [payload.decode() if op == 1 else payload for op, payload in PAYLOADS]


async def talk(url, offer):
    extension = ClientPerMessageDeflateFactory(**options(offer))
    ws = await connect(url, max_size=None, compression=None, extensions=[extension])
    for message in MESSAGES:
        await ws.send(message)
    for number, message in enumerate(MESSAGES):
        if await ws.recv() != message:
            raise AssertionError(f"message {number} has come back changed")
    await ws.close()
    if ws.close_code != 1000:
        raise AssertionError(f"closed with {ws.close_code}")
    return agreed(ws, "client", "server")


async def main():
    for number, offer in enumerate(PLAN["offers"]):
        result = {"case": number, "error": ""}
        try:
            result["agreed"] = await talk(PLAN["url"] + str(number), offer)
        except Exception as err:  # it is the result of the case
            result["error"] = repr(err)
        print(json.dumps(result), flush=True)


asyncio.run(main())
