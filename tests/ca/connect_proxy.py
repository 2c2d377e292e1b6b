#!/usr/bin/env python3
"""A forward proxy for tests: connect_proxy.py PORT LOG. Tunnels CONNECT, and writes a line for each tunnel."""
import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def serve(reader, writer):
    request = (await reader.readuntil(b"\r\n\r\n")).decode().split()
    with open(sys.argv[2], "a") as log:
        log.write("%s %s\n" % (request[0], request[1]))
    host, port = request[1].rsplit(":", 1)
    far_reader, far_writer = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 ok\r\n\r\n")
    await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
