"""The worker of aiohttp: see dev.aioli.benchmarks.http.ClientWorker. A task a request, with a semaphore."""

import asyncio
import json
import sys
import time
import traceback

import aiohttp

BODY_BYTES = 300


async def get(session, url, limit, latencies):
    begin = time.perf_counter_ns()
    async with session.get(url) as response:
        body = await response.read()
        if response.status != 200 or len(body) != BODY_BYTES:
            raise ValueError("found status %d and %d bytes" % (response.status, len(body)))
    latencies.append(time.perf_counter_ns() - begin)
    limit.release()


async def measure(url, in_flight, nanos):
    limit = asyncio.Semaphore(in_flight)
    latencies = []
    cpu = time.process_time_ns()
    start = time.perf_counter_ns()
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with asyncio.TaskGroup() as group:
            while time.perf_counter_ns() - start < nanos:
                await limit.acquire()
                group.create_task(get(session, url, limit, latencies))
    answer = {
        "requests": len(latencies),
        "nanos": time.perf_counter_ns() - start,
        "cpu_nanos": time.process_time_ns() - cpu,
    }
    latencies.sort()
    answer["p50_nanos"] = latencies[len(latencies) // 2]
    answer["p99_nanos"] = latencies[len(latencies) * 99 // 100]
    return answer


def answer(line):
    url, in_flight, millis = line.split()
    try:
        return asyncio.run(measure(url, int(in_flight), int(millis) * 1_000_000))
    except BaseException as error:
        traceback.print_exc()
        return {"error": repr(error)}


ready = "Python %s, aiohttp %s" % (sys.version.split()[0], aiohttp.__version__)
print(json.dumps({"ready": ready}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(line)), flush=True)
