"""The twin of ExecutorExample.java."""

import asyncio
import time


async def program():
    loop = asyncio.get_running_loop()
    start = loop.time()
    results = await asyncio.gather(loop.run_in_executor(None, block), doze())
    print("results:", ", ".join(results))
    print("total:", int(loop.time() - start), "s")


def block():
    time.sleep(1)
    return "blocking 1 s"


async def doze():
    print("the task sleeps")
    await asyncio.sleep(1)
    print("the task wakes")
    return "task 1 s"


asyncio.run(program())
