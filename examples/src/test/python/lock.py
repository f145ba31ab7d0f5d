"""The twin of LockExample.java."""

import asyncio


async def program():
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(0.1, release, lock)
    await asyncio.gather(work("first", lock), work("second", lock))


def release(lock):
    print("the loop releases it")
    lock.release()


async def work(name, lock):
    print(name, "wants the lock")
    async with lock:
        print(name, "has it")
        await asyncio.sleep(0.01)
        print(name, "gives it back")


asyncio.run(program())
