"""The intake of a paper: looked at before it is kept, by its content, under limits; safe in several threads."""

import hashlib

from bot.papers.paper import MIMES, Paper, PaperKind, Unfit, megabytes
from bot.papers.sniff import kind_of


def inspect(data: bytes, *, name: str, limit: int) -> Paper:
    """Look at what a person gives; heavy work, to be called in a thread.

    Args:
        name: the file's name as the person sees it; only ever shown back to them.
        limit: the most bytes that may be kept.

    Raises:
        Refusal: « dossier/refused_<reason> », with `name` and what else its text needs but the contact.
    """
    try:
        kind, pages, blank = _look(data, limit)
    except Unfit as unfit:
        raise unfit.refusal(name) from unfit
    return Paper(kind, MIMES[kind], pages, len(data), hashlib.sha256(data).hexdigest(), blank)


def _look(data: bytes, limit: int) -> tuple[PaperKind, int | None, bool]:
    if not data:
        raise Unfit("empty")
    if len(data) > limit:
        raise Unfit("too_large", size=megabytes(len(data)), limit=megabytes(limit))
    kind = kind_of(data)
    if kind is None:
        from bot.papers.office import look_at_office

        return look_at_office(data), None, False
    if kind is PaperKind.PDF:
        from bot.papers.pdf import look_at_pdf

        return kind, *look_at_pdf(data)
    from bot.papers.images import look_at_image

    return kind, 1, look_at_image(data, kind)
