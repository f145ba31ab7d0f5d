"""The twin of SubprocessesExample.java."""

import asyncio

running = 0
most = 0


async def program():
    limit = asyncio.Semaphore(10)
    lines = await asyncio.gather(*(square(n, limit) for n in range(30)))
    print(lines[0], end="")
    print(lines[-1], end="")
    print("programs:", len(lines))
    print("at a time:", most)


async def square(n, limit):
    global running, most
    async with limit:
        running += 1
        most = max(most, running)
        process = await asyncio.create_subprocess_shell(
            f"echo {n} squared is $(({n} * {n}))",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        stdout, _ = await process.communicate()
        running -= 1
        return stdout.decode()


asyncio.run(program())
