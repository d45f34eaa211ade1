"""What `greffier check` and the settings say of the Telegram door."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.accounts import TelegramSettings
from bot.channels.telegram.report import report_on
from bot.settings import Settings
from tests.channels.telegram.conftest import BUREAU
from tests.channels.telegram.stub import TOKEN, StubTelegram

MET = "@greffier_bot répond, 0 messages à recevoir"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, (True, f"{MET} ; pas de conversation du bureau")),
        (
            {"bureau_chat": BUREAU},
            (True, f"{MET} ; la conversation du bureau est connue"),
        ),
        (
            {"bureau_chat": -1},
            (
                False,
                f"{MET} ; la conversation du bureau est introuvable : invitez-y le robot",
            ),
        ),
        ({"token": f"{TOKEN}x"}, (False, "Telegram refuse le jeton (GREFFIER_TELEGRAM__TOKEN)")),
        ({"api_url": "http://127.0.0.1:9"}, (False, "Telegram ne répond pas (NetworkError)")),
    ],
    ids=["bot alone", "bureau", "no such bureau", "refused token", "away"],
)
async def test_the_check_says_in_one_line_what_is_to_be_done(
    stub: StubTelegram, given: dict[str, Any], line: tuple[bool, str]
) -> None:
    settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": stub.url, **given})

    assert await report_on(settings) == line


@pytest.mark.parametrize(
    "given",
    [
        {"token": "jeton"},
        {"webhook_url": "http://greffier.example/telegram", "webhook_secret": "un-secret-de-webhook"},
        {"webhook_url": "https://greffier.example/telegram"},
        {"webhook_url": "https://greffier.example/telegram", "webhook_secret": "court"},
        {"webhook_listen": "8443"},
    ],
    ids=["no token", "in clear", "no secret", "short secret", "no address"],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TelegramSettings.model_validate({"token": TOKEN, **given})


def test_a_limit_above_what_telegram_gives_is_refused() -> None:
    with pytest.raises(ValidationError, match="Telegram ne donne pas plus de 20 Mio"):
        Settings(telegram=TelegramSettings.model_validate({"token": TOKEN}), file_limit=30 * 1024 * 1024)
