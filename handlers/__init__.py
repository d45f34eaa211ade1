"""The rooms, in the order in which a message meets them."""

from aiogram import Router

from handlers import (
    bureau,
    candidature,
    commands,
    complements,
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
    demonstration.router,
    complements.router,
    commands.router,
    bureau.router,
    faq.passing,
    welcome.router,
    depot.router,
    donnees.router,
    dossier.router,
    candidature.router,
    faq.router,
)
