"""The twin of SemaphoreExample.java. A few lines of HTTP stand for the client and for httpbin."""

import asyncio
import json
from urllib.parse import parse_qsl, urlsplit


class Example:
    def __init__(self, port):
        self.port = port
        self.limit = asyncio.Semaphore(6)
        self.in_flight = 0
        self.most_in_flight = 0

    async def fetch(self, n):
        async with self.limit:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            loop = asyncio.get_running_loop()
            start = loop.time()
            status, body = await get(self.port, f"/get?a={n}")
            seconds = int(loop.time() - start)
            self.in_flight -= 1
            time = "under 5 s" if seconds < 5 else f"{seconds} s"
            return f"a={body['args']['a']}: {status} in {time}"


async def program():
    async with await asyncio.start_server(httpbin, "127.0.0.1", 0) as server:
        example = Example(server.sockets[0].getsockname()[1])
        for line in await asyncio.gather(*(example.fetch(n) for n in range(12))):
            print(line)
        print("most in flight:", example.most_in_flight)


async def get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)


async def httpbin(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    query = urlsplit(head.split()[1].decode()).query
    writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps({"args": dict(parse_qsl(query))}).encode())
    await writer.drain()
    writer.close()


asyncio.run(program())
