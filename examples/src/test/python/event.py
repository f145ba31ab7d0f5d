"""The twin of EventExample.java."""

import asyncio


async def program():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, set_event, event)
    await asyncio.gather(follow("first", event), follow("second", event))
    await follow("third", event)


def set_event(event):
    print("the loop sets the event")
    event.set()


async def follow(name, event):
    print(name, "waits")
    await event.wait()
    print(name, "goes on")


asyncio.run(program())
