"""
proxy - a bad network in a thread: TCP connections are passed on late, slowly,
in pieces, in one direction alone, or not at all.

The programs see what a kernel would show them: bytes in order, late, or a
connection that is reset, also in the middle of a frame.  What a silent link
swallows comes when it speaks again, as TCP would send it again, unless the
connection has been reset before.
"""

import asyncio
import random
import socket
import struct
import threading

PIECE = 4096
QUEUE = 64  # pieces on the way before the sender has to wait
UP, DOWN = 0, 1  # from whom connected, to whom connected
RESET = struct.pack("ii", 1, 0)


class Way:
    """One direction of one connection."""

    def __init__(self, connection, direction, reader, writer):
        self.connection, self.direction = connection, direction
        self.proxy = connection.proxy
        self.reader, self.writer = reader, writer
        self.queue = asyncio.Queue(QUEUE)
        self.due = 0.0

    async def take(self):
        """Reads, and says when each piece may arrive."""
        loop = asyncio.get_running_loop()
        while True:
            piece = await self.reader.read(PIECE)
            p = self.proxy
            delay = max(0.0, p.random.uniform(p.delay - p.jitter,
                                              p.delay + p.jitter))
            self.due = max(self.due, loop.time() + delay)
            if p.rate:
                self.due += len(piece) * 8 / p.rate
            await self.queue.put((self.due, piece))
            if not piece:
                return

    async def give(self):
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await self.queue.get()
            # Asked again, for the link may get better meanwhile.
            while self.proxy.late() and loop.time() < due:
                await asyncio.sleep(min(0.02, max(0.0, due - loop.time())))
            while self.proxy.silent[self.direction]:
                await asyncio.sleep(0.01)
            if not piece:
                self.writer.write_eof()
                return
            if self.connection.fuse == self.direction:
                await self.blow(piece)
            self.writer.write(piece)
            await self.writer.drain()
            self.proxy.passed += len(piece)

    async def blow(self, piece):
        """Half of it arrives, and then the reset."""
        self.writer.write(piece[:len(piece) // 2])
        await self.writer.drain()
        await asyncio.sleep(0.005)
        self.proxy.resets += 1
        raise ConnectionResetError


class Connection:
    def __init__(self, proxy, reader, writer):
        self.proxy = proxy
        self.reader, self.writer = reader, writer
        self.far = None
        self.fuse = None  # the direction whose next piece is cut in two

    async def run(self, host, port):
        try:
            reader, self.far = await asyncio.open_connection(host, port)
            tasks = [asyncio.ensure_future(task) for way in
                     (Way(self, UP, self.reader, self.far),
                      Way(self, DOWN, reader, self.writer))
                     for task in (way.take(), way.give())]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
            self.far.close()
            self.writer.close()
        except OSError:
            pass  # the other side is told by the end of its own connection
        finally:
            self.reset()

    def reset(self):
        for writer in (self.writer, self.far):
            if writer is None or writer.transport.is_closing():
                continue
            end = writer.get_extra_info("socket")
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class Proxy:
    """
    Listens on `count` ports from base on (free ones if 0) and connects to the
    same number of ports from target (host, base) on, which may be changed.
    The attributes may be changed while it runs.
    """

    def __init__(self, target, count=1, draw=None):
        self.target = target
        self.random = draw or random.Random(0)
        self.delay = self.jitter = 0.0  # seconds
        self.rate = 0  # bits a second and direction; 0: no limit
        self.silent = [False, False]  # UP, DOWN
        self.open = True  # False: nobody gets through, and nobody is told
        self.passed = 0
        self.resets = 0
        self.connections = set()
        self.sockets = self.bind(count)
        self.base = self.sockets[0].getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    @staticmethod
    def bind(count):
        for _ in range(100):
            first = random.SystemRandom().randrange(20000, 32000)
            sockets = []
            try:
                for port in range(first, first + count):
                    sockets.append(socket.create_server(("127.0.0.1", port)))
                return sockets
            except OSError:
                for s in sockets:
                    s.close()
        raise OSError("no %d consecutive ports are free" % count)

    @property
    def address(self):
        return "127.0.0.1:%d" % self.base

    def late(self):
        return self.delay or self.jitter or self.rate

    def work(self):
        asyncio.set_event_loop(self.loop)
        for number, s in enumerate(self.sockets):
            self.loop.run_until_complete(asyncio.start_server(
                lambda r, w, n=number: self.serve(r, w, n), sock=s))
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def serve(self, reader, writer, number):
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            while not self.open:
                await asyncio.sleep(0.01)
            host, base = self.target
            await connection.run(host, base + number)
        except asyncio.CancelledError:
            connection.reset()
        finally:
            self.connections.discard(connection)

    def call(self, function):
        """Runs it in the thread, and waits for it."""
        done = threading.Event()

        def run():
            function()
            done.set()

        self.loop.call_soon_threadsafe(run)
        done.wait()

    def cut_in_two(self):
        """Each connection is reset in the middle of what comes next, in a
        random direction."""
        def run():
            for connection in self.connections:
                connection.fuse = self.random.choice((UP, DOWN))
        self.call(run)

    def reset(self):
        """Every connection, at once."""
        def run():
            for connection in list(self.connections):
                connection.reset()
        self.call(run)

    def shut(self):
        """Black hole: what is connected is silent, what connects waits."""
        self.open = False
        self.silent = [True, True]

    def reopen(self):
        """What hung in the hole is gone, as after a reboot of the router."""
        self.reset()
        self.silent = [False, False]
        self.open = True

    def close(self):
        def run():
            for connection in list(self.connections):
                connection.reset()
            self.loop.stop()
        self.loop.call_soon_threadsafe(run)
        self.thread.join()
        for s in self.sockets:
            s.close()
