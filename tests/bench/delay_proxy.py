"""A TCP proxy that adds a fixed delay to each direction, and nothing else: no limit to the throughput, no loss.

A real connection costs a round trip before its first byte. What listens here accepts at once, so the first bytes of each
connection wait for a round trip more.
"""
import asyncio
import threading
import time


class Proxy:
    """Runs in a thread of its own: one loop, 127.0.0.1 only. `round_trip` is in seconds and may be changed at any time."""

    def __init__(self, target_port):
        self.target = target_port
        self.round_trip = 0
        self.connections = 0
        self.port = None
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True)
        self.thread.start()
        ready.wait()

    async def serve(self, ready):
        server = await asyncio.start_server(self.accepted, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def accepted(self, reader, writer):
        self.connections += 1
        opened = time.monotonic() + self.round_trip
        to_server = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.carry(reader, to_server[1], opened), self.carry(to_server[0], writer, opened))

    async def carry(self, reader, writer, opened):
        """Each piece is written half a round trip after it came, however many are under way."""
        queue = asyncio.Queue()

        async def deliver():
            while True:
                due, data = await queue.get()
                wait = due - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                if not data:
                    break
                writer.write(data)
            if writer.can_write_eof():
                writer.write_eof()

        delivering = asyncio.ensure_future(deliver())
        try:
            while True:
                data = await reader.read(65536)
                queue.put_nowait((max(time.monotonic(), opened) + self.round_trip / 2, data))
                if not data:
                    break
            await delivering
        except OSError:
            delivering.cancel()
        finally:
            writer.close()
