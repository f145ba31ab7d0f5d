"""The twin of PriorityQueueExample.java."""

import asyncio


class JavaRandom:
    """The numbers of java.util.Random."""

    def __init__(self, seed):
        self.state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next_int(self, bound):  # near enough: Java rejects the last few of 2**31 to be fair
        self.state = (self.state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return (self.state >> 17) % bound


class Example:
    def __init__(self):
        self.numbers = asyncio.PriorityQueue()
        self.limit = asyncio.Semaphore(2)

    async def produce(self):
        random = JavaRandom(42)
        for _ in range(7):
            number = random.next_int(100)
            print("put", number)
            await self.numbers.put(number)

    async def consume(self, name):
        while True:
            async with self.limit:
                number = await self.numbers.get()
                print(name, "works on", number)
                await asyncio.sleep(0.02)
                self.numbers.task_done()


async def program():
    example = Example()
    producer = asyncio.create_task(example.produce())
    consumers = [asyncio.create_task(example.consume(f"c{n}")) for n in range(1, 4)]
    await producer
    await example.numbers.join()
    for task in consumers:
        task.cancel()
    print("all done")


asyncio.run(program())
