"""The rooms, in the order in which a message meets them."""

from aiogram import Router

from handlers import diagnostics

ROUTERS: tuple[Router, ...] = (diagnostics.router,)
