"""Ids of the whole house, taken from blocks that are reserved in the database: nothing waits for one."""

from sqlalchemy import Connection, select

from storage.tables import IdBlock, table

BLOCK = 10_000  # ids reserved at a time; a restart wastes at most as many


class Ids:
    """Hands out ids from blocks reserved in the database, so that nothing waits for one."""

    def __init__(self) -> None:
        self._next = 0
        self._end = 0

    @property
    def low(self) -> bool:
        """True when a new block should be reserved before more work starts."""
        return self._end - self._next < BLOCK // 2

    def extend(self, start: int, end: int) -> None:
        """Go on with a block just reserved; what is left of the old one is dropped."""
        self._next, self._end = start, end

    def take(self) -> int:
        """An id that nothing else has."""
        if self._next >= self._end:
            raise RuntimeError("more ids taken in one update than a block holds")
        self._next += 1
        return self._next - 1


def reserve_block(connection: Connection) -> int:
    """The first id of a block that nobody else has."""
    block = table(IdBlock)
    start = connection.execute(select(block.c.next).where(block.c.name == "id")).scalar()
    if start is None:
        connection.execute(block.insert().values(name="id", next=1 + BLOCK))
        return 1
    connection.execute(block.update().where(block.c.name == "id").values(next=block.c.next + BLOCK))
    return int(start)
