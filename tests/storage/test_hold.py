"""One Greffier for one database, even when the server of databases was restarted in between."""

import asyncio

import psycopg
import pytest

from bot.errors import HeldDatabaseError
from storage.opening import open_database

pytestmark = pytest.mark.server


def cut_off(url: str) -> None:
    """What a restart of the server does to everybody's connections."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"  # returns once they are gone
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def taken(url: str) -> None:
    """Wait until somebody holds the database."""
    async with asyncio.timeout(20):
        while True:
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                if connection.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted").rowcount:
                    return
            await asyncio.sleep(0.05)


async def test_a_database_is_taken_again_after_the_server_was_restarted(postgres_url: str) -> None:
    first = await open_database(postgres_url)
    keeping = asyncio.create_task(first.keep())
    cut_off(postgres_url)
    await taken(postgres_url)

    with pytest.raises(HeldDatabaseError):
        await open_database(postgres_url)

    keeping.cancel()
    await asyncio.wait([keeping])
    await first.close()


async def test_who_finds_the_database_taken_by_another_stops(postgres_url: str) -> None:
    first = await open_database(postgres_url)
    cut_off(postgres_url)
    second = await open_database(postgres_url)

    with pytest.raises(HeldDatabaseError):
        async with asyncio.timeout(20):
            await first.keep()

    await first.close()
    await second.close()
