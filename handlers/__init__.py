"""The rooms, in the order in which a message meets them."""

from aiogram import Router

from handlers import (
    bureau,
    candidature,
    commands,
    complements,
    confirmations,
    demonstration,
    depot,
    diagnostics,
    donnees,
    dossier,
    errors,
    faq,
    welcome,
)

ROUTERS: tuple[Router, ...] = (
    errors.router,
    diagnostics.router,
    commands.router,
    demonstration.router,
    complements.router,
    confirmations.router,
    bureau.router,
    faq.passing,
    welcome.router,
    depot.router,
    donnees.router,
    dossier.router,
    candidature.router,
    faq.router,
)
