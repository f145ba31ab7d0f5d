"""The twin of LoopInThreadExample.java."""

import asyncio
import threading


async def multiply(a, b, start):
    await start.wait()
    return a * b


loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()

start = asyncio.Event()
product = asyncio.run_coroutine_threadsafe(multiply(6, 7, start), loop)
try:
    product.result(0.01)
except TimeoutError:
    print("6 * 7 is not known yet")
loop.call_soon_threadsafe(start.set)
print("6 * 7 =", product.result(5))

loop.call_soon_threadsafe(loop.stop)
thread.join()
print("the loop has stopped")
loop.close()
