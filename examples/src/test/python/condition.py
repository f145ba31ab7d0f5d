"""The twin of ConditionExample.java."""

import asyncio
from collections import deque


class Example:
    def __init__(self):
        self.delivered = asyncio.Condition()
        self.table = deque()

    async def consume(self, name):
        try:
            while True:
                print(name, "waits")
                async with self.delivered:
                    await self.delivered.wait_for(lambda: self.table)
                    print(name, "takes", self.table.popleft())
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            print(name, "is cancelled")
            raise

    async def produce_one_by_one(self):
        for item in ["bread", "butter"]:
            await asyncio.sleep(0.1)
            async with self.delivered:
                print(item, "comes, signal one")
                self.table.append(item)
                self.delivered.notify()

    async def produce_all_at_once(self):
        await asyncio.sleep(0.1)
        async with self.delivered:
            print("salt and oil come, signal all")
            self.table.extend(["salt", "oil"])
            self.delivered.notify_all()
        await asyncio.sleep(0.1)


async def program():
    example = Example()
    consumers = [asyncio.create_task(example.consume(name)) for name in ["c1", "c2"]]
    await asyncio.create_task(example.produce_one_by_one())
    await asyncio.create_task(example.produce_all_at_once())
    for task in consumers:
        task.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)


asyncio.run(program())
