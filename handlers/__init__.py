"""The rooms, in the order in which a message meets them."""

from aiogram import Router

from handlers import (
    avis,
    bureau,
    candidature,
    commands,
    complements,
    confirmations,
    convocation,
    demonstration,
    depot,
    diagnostics,
    donnees,
    dossier,
    errors,
    faq,
    ien,
    instruction,
    pouring,
    welcome,
)

ROUTERS: tuple[Router, ...] = (
    errors.router,
    diagnostics.router,
    commands.router,
    demonstration.router,
    complements.router,
    confirmations.router,
    instruction.router,
    avis.router,
    ien.router,
    pouring.router,
    bureau.router,
    convocation.router,
    avis.own,
    ien.own,
    faq.passing,
    welcome.router,
    depot.router,
    donnees.router,
    dossier.router,
    candidature.router,
    faq.router,
)
