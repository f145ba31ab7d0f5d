"""The twin of CrawlerExample.java. A few lines of HTTP stand for the client and for the servers."""

import asyncio
import itertools

SHOP = {
    "index": ["9 archive", "5 help", "1 offers"],
    "offers": ["2 offer-1", "2 offer-2", "5 help"],
    "help": ["0 index"],
}
BLOG = {
    "index": ["7 old", "3 about", "1 latest"],
    "latest": ["7 old"],
    "old": ["8 older", "0 index"],
}


class Example:
    def __init__(self):
        self.both_asked = asyncio.Barrier(2)
        self.in_flight = 0
        self.most_in_flight = 0
        self.most_per_host = 0


class Host:
    """What the crawler knows of a host."""

    def __init__(self, name, port):
        self.name = name
        self.port = port
        self.pages = asyncio.PriorityQueue()
        self.count = itertools.count()  # equal ones: first in, first out
        self.seen = {"index"}
        self.crawled = []
        self.pages.put_nowait((0, next(self.count), "index"))

    async def crawl(self):
        while True:
            _, _, page = await self.pages.get()
            self.crawled.append(page)
            for link in (await get(self.port, "/" + page)).splitlines():
                self.found(link)
            self.pages.task_done()

    def found(self, link):
        urgency, page = link.split()
        if page not in self.seen:
            self.seen.add(page)
            self.pages.put_nowait((int(urgency), next(self.count), page))


class Site:
    """One of the servers."""

    def __init__(self, example, links):
        self.example = example
        self.links = links
        self.in_flight = 0

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        page = head.split()[1].decode().removeprefix("/")
        example = self.example
        example.in_flight += 1
        self.in_flight += 1
        example.most_in_flight = max(example.most_in_flight, example.in_flight)
        example.most_per_host = max(example.most_per_host, self.in_flight)
        if page == "index":
            await example.both_asked.wait()
        example.in_flight -= 1
        self.in_flight -= 1
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + "\n".join(self.links.get(page, [])).encode())
        await writer.drain()
        writer.close()


async def program():
    example = Example()
    shop = await asyncio.start_server(Site(example, SHOP).answer, "127.0.0.1", 0)
    blog = await asyncio.start_server(Site(example, BLOG).answer, "127.0.0.1", 0)
    async with shop, blog:
        hosts = [Host("shop", port(shop)), Host("blog", port(blog))]
        crawlers = [asyncio.create_task(host.crawl()) for host in hosts]
        for host in hosts:
            await host.pages.join()
        for crawler in crawlers:
            crawler.cancel()
        for host in hosts:
            print(host.name + ":", *host.crawled)
        print(f"most at a time: {example.most_per_host} a host, {example.most_in_flight} in all")


def port(server):
    return server.sockets[0].getsockname()[1]


async def get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return body.decode()


asyncio.run(program())
