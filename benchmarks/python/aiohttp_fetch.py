"""What one writes with aiohttp: `aiohttp_fetch.py LIST IN_FLIGHT`. Fails with the first failure."""

import asyncio
import sys

import aiohttp


async def main(file, in_flight):
    with open(file) as lines:
        urls = iter(lines.read().split())
    connector = aiohttp.TCPConnector(limit=in_flight, ssl=False)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

        async def worker():
            for url in urls:
                async with session.get(url) as response:
                    await response.read()

        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(worker())


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
