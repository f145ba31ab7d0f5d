"""The twin of LoopInThreadExample.java."""

import asyncio
import threading


async def multiply(a, b):
    await asyncio.sleep(0.3)
    return a * b


loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()

product = asyncio.run_coroutine_threadsafe(multiply(6, 7), loop)
try:
    product.result(0.01)
except TimeoutError:
    print("6 * 7 is not known yet")
print("6 * 7 =", product.result(5))

loop.call_soon_threadsafe(loop.stop)
thread.join()
print("the loop has stopped")
loop.close()
