"""One process of a queue that we are measured beside; runs in the virtual environment that peers.py makes.

  peer_worker.py QUEUE prepare URL JOBS             installs the queue's tables and enqueues
  peer_worker.py QUEUE work URL SETTINGS            says `ready`, works when told to, says `done` with its CPU time
"""

import asyncio
import json
import logging
import sys
import time

import uvloop

# How many jobs one call enqueues.
BATCH = 5000


class PgQueuer:
    def __init__(self, url: str) -> None:
        self.url = url

    async def prepare(self, jobs: int) -> None:
        import asyncpg
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        connection = await asyncpg.connect(self.url)
        queries = Queries(AsyncpgDriver(connection))
        await queries.install()
        for begin in range(0, jobs, BATCH):
            count = min(BATCH, jobs - begin)
            await queries.enqueue(["noop"] * count, [None] * count, [0] * count)
        await connection.close()

    async def work(self, settings: dict, ready) -> None:
        """`managers` as in the queue's own benchmark: several in one process, each with a connection."""
        import asyncpg
        from pgqueuer import PgQueuer
        from pgqueuer.types import QueueExecutionMode

        managers = []
        for _ in range(settings["managers"]):
            manager = PgQueuer.from_asyncpg_connection(await asyncpg.connect(self.url))

            @manager.entrypoint("noop")
            async def noop(job) -> None:
                pass

            managers.append(manager)
        await ready()
        await asyncio.gather(
            *(one.run(batch_size=settings["batch"], mode=QueueExecutionMode.drain) for one in managers))


class Procrastinate:
    def __init__(self, url: str) -> None:
        self.url = url

    def _app(self, connections: int):
        import procrastinate

        connector = procrastinate.PsycopgConnector(conninfo=self.url, min_size=connections, max_size=connections)
        app = procrastinate.App(connector=connector)

        @app.task(name="noop")
        async def noop() -> None:
            pass

        return app, noop

    async def prepare(self, jobs: int) -> None:
        app, noop = self._app(1)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            for begin in range(0, jobs, BATCH):
                await noop.batch_defer_async(*[{} for _ in range(min(BATCH, jobs - begin))])

    async def work(self, settings: dict, ready) -> None:
        app, _ = self._app(settings["connections"])
        async with app.open_async():
            await ready()
            await app.run_worker_async(
                wait=False, concurrency=settings["concurrency"], delete_jobs=settings["delete"],
                install_signal_handlers=False)


QUEUES = {"pgqueuer": PgQueuer, "procrastinate": Procrastinate}


def main() -> None:
    name, action, url, detail = sys.argv[1:]
    # It warns of apps in main modules, which matters to apps that grow.
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    queue = QUEUES[name](url)
    if action == "prepare":
        uvloop.run(queue.prepare(int(detail)))
        return
    begun = 0.0

    async def ready() -> None:
        nonlocal begun
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        begun = time.process_time()

    uvloop.run(queue.work(json.loads(detail), ready))
    print("done", time.process_time() - begun, flush=True)


if __name__ == "__main__":
    main()
