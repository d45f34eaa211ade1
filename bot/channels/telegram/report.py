"""What `greffier check` says of the bot on Telegram."""

from telegram.error import InvalidToken, TelegramError

from bot.accounts import TelegramSettings
from bot.channels.telegram.client import Carrier


async def report_on(settings: TelegramSettings) -> tuple[bool, str]:
    """Whether Telegram knows the bot, and the bot its bureau; in French."""
    carrier = Carrier(settings)
    try:
        await carrier.initialize()
        me = await carrier.call("getMe", {})
        waiting = (await carrier.call("getWebhookInfo", {}))["pending_update_count"]
    except InvalidToken:
        return False, "Telegram refuse le jeton (GREFFIER_TELEGRAM__TOKEN)"
    except TelegramError as error:
        return False, f"Telegram ne répond pas ({type(error).__name__})"
    else:
        return await _bureau(carrier, settings, f"@{me['username']} répond, {waiting} messages à recevoir")
    finally:
        await carrier.shutdown()


async def _bureau(carrier: Carrier, settings: TelegramSettings, found: str) -> tuple[bool, str]:
    if settings.bureau_chat is None:
        return True, f"{found} ; pas de conversation du bureau"
    try:
        await carrier.call("getChat", {"chat_id": settings.bureau_chat})
    except TelegramError:
        return False, f"{found} ; la conversation du bureau est introuvable : invitez-y le robot"
    return True, f"{found} ; la conversation du bureau est connue"
