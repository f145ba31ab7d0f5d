"""The worker of CPython's asyncio: the same workloads as the Java workers, by the same protocol.

See dev.aioli.benchmarks.worker.Worker. With --uvloop it runs on uvloop's loop. Needs Python 3.11.
"""

import asyncio
import concurrent.futures
import gc
import json
import os
import sys
import threading
import time
import traceback

BOUND = 1024
PERMITS = 6


class Priorities:
    """The same numbers in the same order for every system and language."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1103515245 + 12345) & 0xFFFFFFFF
        return (self.state >> 8) & 0xFFFF


def sleep_millis(index):
    return 1 + ((index * 2654435761) >> 7) % 10


def sleep_nanos(index):
    return 1 + ((index * 2654435761) >> 7) % 1000


async def descend(frames, body):
    if frames == 0:
        await body()
    else:
        await descend(frames - 1, body)


async def start_crew(tasks, depth, bodies):
    """Starts the tasks and has each come to the bottom of its stack."""

    async def member(body):
        async def at_the_bottom():
            await asyncio.sleep(0)
            await body()

        await descend(depth, at_the_bottom)

    crew = [asyncio.create_task(member(bodies(i))) for i in range(tasks)]
    await asyncio.sleep(0)
    return crew


async def measure_crew(tasks, rounds, depth, bodies):
    """Tasks that set off together; time counts from then until all have ended."""
    crew = await start_crew(tasks, depth, bodies)
    start = time.perf_counter_ns()
    await asyncio.gather(*crew)
    return tasks * rounds, time.perf_counter_ns() - start, 0


async def yields(tasks, rounds, depth):
    async def body():
        for _ in range(rounds):
            await asyncio.sleep(0)

    return await measure_crew(tasks, rounds, depth, lambda i: body)


async def one():
    return 1


async def spawn_await(tasks, rounds, depth):
    start = time.perf_counter_ns()
    for _ in range(rounds):
        await asyncio.create_task(one())
    return rounds, time.perf_counter_ns() - start, 0


async def spawn_many(tasks, rounds, depth):
    start = time.perf_counter_ns()
    for _ in range(rounds):
        await asyncio.gather(*[asyncio.create_task(one()) for _ in range(tasks)])
    return tasks * rounds, time.perf_counter_ns() - start, 0


async def spawn_cancel(tasks, rounds, depth):
    async def wait():
        await asyncio.get_running_loop().create_future()

    start = time.perf_counter_ns()
    for _ in range(rounds):
        waiting = [asyncio.create_task(wait()) for _ in range(tasks)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return tasks * rounds, time.perf_counter_ns() - start, 0


async def timers(tasks, rounds, depth):
    def bodies(i):
        async def body():
            for r in range(rounds):
                await asyncio.sleep(sleep_millis(i + r) / 1e3)

        return body

    return await measure_crew(tasks, rounds, depth, bodies)


async def short_timers(tasks, rounds, depth):
    def bodies(i):
        async def body():
            for r in range(rounds):
                await asyncio.sleep(sleep_nanos(i + r) / 1e9)

        return body

    return await measure_crew(tasks, rounds, depth, bodies)


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def parked(tasks, rounds, depth):
    gc.collect()
    before = resident_bytes()
    start = time.perf_counter_ns()
    end = asyncio.Event()
    waiting = [asyncio.create_task(end.wait()) for _ in range(tasks)]
    await asyncio.sleep(0)
    nanos = time.perf_counter_ns() - start
    gc.collect()
    held = resident_bytes() - before
    end.set()
    await asyncio.gather(*waiting)
    return tasks, nanos, held


async def uncontended(tasks, rounds, depth):
    lock = asyncio.Lock()

    async def body():
        for _ in range(rounds):
            await lock.acquire()
            lock.release()

    return await measure_crew(tasks, rounds, depth, lambda i: body)


async def semaphore(tasks, rounds, depth):
    permits = asyncio.Semaphore(PERMITS)

    async def body():
        for _ in range(rounds):
            async with permits:
                await asyncio.sleep(0)

    return await measure_crew(tasks, rounds, depth, lambda i: body)


async def lock(tasks, rounds, depth):
    mutex = asyncio.Lock()

    async def body():
        for _ in range(rounds):
            async with mutex:
                await asyncio.sleep(0)

    return await measure_crew(tasks, rounds, depth, lambda i: body)


async def condition(tasks, rounds, depth):
    shared = asyncio.Condition()
    turn = 0

    def bodies(i):
        async def body():
            nonlocal turn
            for _ in range(rounds):
                async with shared:
                    await shared.wait_for(lambda: turn == i)
                    turn = (i + 1) % tasks
                    shared.notify()

        return body

    return await measure_crew(tasks, rounds, depth, bodies)


async def event(tasks, rounds, depth):
    all_here = asyncio.Event()
    wake = asyncio.Event()
    here = 0

    async def body():
        nonlocal here
        for _ in range(rounds):
            current = wake
            here += 1
            if here == tasks:
                all_here.set()
            await current.wait()

    crew = await start_crew(tasks, depth, lambda i: body)
    await all_here.wait()
    start = time.perf_counter_ns()
    for _ in range(rounds):
        await all_here.wait()
        all_here.clear()
        here = 0
        current, wake = wake, asyncio.Event()
        current.set()
    await asyncio.gather(*crew)
    return tasks * rounds, time.perf_counter_ns() - start, 0


async def passed(tasks, rounds, depth, queue):
    def bodies(i):
        async def put():
            priorities = Priorities(i)
            for _ in range(rounds):
                await queue.put(priorities.next())

        async def get():
            for _ in range(rounds):
                await queue.get()

        return put if i % 2 == 0 else get

    operations, nanos, _ = await measure_crew(tasks, rounds, depth, bodies)
    return operations // 2, nanos, 0


async def queue_1(tasks, rounds, depth):
    return await passed(tasks, rounds, depth, asyncio.Queue(1))


async def queue_1024(tasks, rounds, depth):
    return await passed(tasks, rounds, depth, asyncio.Queue(BOUND))


async def priority_queue(tasks, rounds, depth):
    return await passed(tasks, rounds, depth, asyncio.PriorityQueue(BOUND))


async def priority_queue_filled(tasks, rounds, depth):
    queue = asyncio.PriorityQueue()
    priorities = Priorities(1)
    start = time.perf_counter_ns()
    for _ in range(rounds):
        for _ in range(tasks):
            await queue.put(priorities.next())
        for _ in range(tasks):
            await queue.get()
    return tasks * rounds, time.perf_counter_ns() - start, 0


async def executor(tasks, rounds, depth):
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:

        async def body():
            for _ in range(rounds):
                await loop.run_in_executor(pool, int)

        return await measure_crew(tasks, rounds, depth, lambda i: body)


async def posts(tasks, rounds, depth):
    """Another thread posts callbacks, a batch after the other: never more than two are under way."""
    loop = asyncio.get_running_loop()
    end = loop.create_future()
    batches = threading.Semaphore(2)
    received = 0

    def receive():
        nonlocal received
        received += 1
        if received % tasks == 0:
            batches.release()
        if received == tasks * rounds:
            end.set_result(None)

    def post():
        for _ in range(rounds):
            batches.acquire()
            for _ in range(tasks):
                loop.call_soon_threadsafe(receive)

    poster = threading.Thread(target=post)
    start = time.perf_counter_ns()
    poster.start()
    await end
    nanos = time.perf_counter_ns() - start
    poster.join()
    return tasks * rounds, nanos, 0


def from_outside(new_loop, tasks, rounds, depth):
    loop = new_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    start = time.perf_counter_ns()
    for _ in range(rounds):
        asyncio.run_coroutine_threadsafe(one(), loop).result()
    nanos = time.perf_counter_ns() - start
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    return rounds, nanos, 0


COROUTINES = {
    "yield": yields,
    "spawn-await": spawn_await,
    "spawn-many": spawn_many,
    "spawn-cancel": spawn_cancel,
    "timers": timers,
    "short-timers": short_timers,
    "parked": parked,
    "uncontended": uncontended,
    "semaphore": semaphore,
    "lock": lock,
    "condition": condition,
    "event": event,
    "queue-1": queue_1,
    "queue-1024": queue_1024,
    "priority-queue": priority_queue,
    "priority-queue-filled": priority_queue_filled,
    "executor": executor,
    "posts": posts,
}

OVERSHOOT = 1.2
GROWTH = 16


class Worker:
    def __init__(self, new_loop):
        self.new_loop = new_loop
        self.rounds = {}

    def run(self, name, tasks, rounds, depth):
        if name == "from-outside":
            return from_outside(self.new_loop, tasks, rounds, depth)
        with asyncio.Runner(loop_factory=self.new_loop) as runner:
            return runner.run(COROUTINES[name](tasks, rounds, depth))

    def measure(self, name, tasks, depth, min_nanos):
        """Runs it with more and more rounds until that takes the time that it should."""
        key = name, tasks, depth
        rounds = self.rounds.get(key, 1)
        while True:
            operations, nanos, held = self.run(name, tasks, rounds, depth)
            missing = min_nanos * OVERSHOOT / max(1, nanos)
            self.rounds[key] = max(1, int(rounds * missing))
            if nanos >= min_nanos:
                return {"operations": operations, "nanos": nanos, "bytes": held}
            rounds = int(rounds * min(max(missing, 1.1), GROWTH)) + 1

    def answer(self, line):
        name, tasks, depth, millis = line.split()
        if name != "from-outside" and name not in COROUTINES:
            return {"absent": True}
        try:
            return self.measure(name, int(tasks), int(depth), int(millis) * 1_000_000)
        except BaseException as error:
            traceback.print_exc()
            return {"error": repr(error)}


def main():
    note = "Python " + sys.version.split()[0]
    new_loop = asyncio.new_event_loop
    if "--uvloop" in sys.argv[1:]:
        import uvloop

        new_loop = uvloop.new_event_loop
        note += ", uvloop " + uvloop.__version__
    worker = Worker(new_loop)
    print(json.dumps({"ready": note}), flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(line)), flush=True)


main()
