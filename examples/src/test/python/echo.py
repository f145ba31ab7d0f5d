"""The twin of EchoExample.java."""

import asyncio


async def program():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await talk(reader, writer)
    writer.close()
    server.close()
    await server.wait_closed()


async def serve(reader, writer):
    print("server: connected")
    async for line in reader:
        writer.write(line)
        await writer.drain()
    print("server: the client has closed")
    writer.close()


async def talk(reader, writer):
    for word in (b"hello\n", b"world\n"):
        writer.write(word)
        print("client:", (await reader.readline()).decode(), end="")
    writer.write_eof()
    await reader.read()
    print("client: the server has closed")


asyncio.run(program())
