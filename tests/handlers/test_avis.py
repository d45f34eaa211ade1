"""The avis: what keeps one from being sealed, who may change it and how, what leaves and what stays readable."""

from dataclasses import replace
from datetime import date

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.avis import AvisEtat
from storage.bureau import Avis
from storage.tables import Outbox
from tests.handlers.conftest import Talk
from tests.handlers.test_the_call import INTERVIEW, RELEASE, convoked

HOW = (
    "!avis numéro favorable, défavorable ou réservé, puis le texte entre guillemets : l’avis est scellé."
    "\n!avis numéro : où il en est, et la confirmation d’une seconde personne. !avis publier : transmettre les avis"
    " confirmés, à deux personnes, à partir de la date de la circulaire."
)
POINTLESS = "Cette demande n’a plus d’objet : le dossier a changé depuis. Rien n’est fait."
NOT_KEPT = "Dossier n° 1 : l’avis n’est pas enregistré."
SHOWN_TO_NOBODY = (
    "Son contenu n’est montré à personne avant d’être transmis"
    " (circulaire 17AN0076, D – Avis de la commission d'entretien)."
)
TO_GIVE = (
    "Dossier n° 1 : pas encore d’avis. Pour le rendre : !avis 1 favorable, défavorable ou réservé, puis le texte entre"
    " guillemets."
)
EDITH = "bureau-edith"


async def heard(talk: Talk) -> None:
    """Camille was convoked and heard."""
    await convoked(talk, "camille")
    talk.clock.set(INTERVIEW)
    await talk.app.settled()
    await talk.says(BUREAU, "!entendu 1")


async def confirmed(talk: Talk) -> None:
    """An avis was sealed by one member and confirmed by another."""
    await heard(talk)
    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')
    await talk.says(EDITH, "oui")


async def released(talk: Talk) -> None:
    """The avis was released on its day."""
    await confirmed(talk)
    talk.clock.set(RELEASE)
    await talk.app.settled()
    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "oui")


async def taps(talk: Talk, who: str, words: str, option: int = 0) -> None:
    """Somebody of the bureau taps a choice under the first message that holds some words."""
    asked = next(one.event for one in talk.said if one.choices and one.room == BUREAU and words in one.text)
    await talk.door.choose(who, asked, option)
    await talk.app.settled()


async def versions(talk: Talk) -> list[tuple[int, str]]:
    return [(row.rank, row.etat) for row in await talk.rows(Avis)]


async def copies(talk: Talk) -> list[str]:
    """The kinds of the copies that went to an IEN, in order."""
    return [row.kind for row in await talk.rows(Outbox) if row.kind.startswith("ien/")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!avis bravo", HOW),
        ("!avis 9", "Il n’y a pas de dossier n° 9. Écrivez !dossiers pour voir la liste."),
        ("!avis 1", TO_GIVE),
        ("!avis 1 favorable", f"{NOT_KEPT} Il manque le texte de l’avis, après sa valeur."),
    ],
    ids=["not a number", "no dossier", "no avis yet", "no reasons"],
)
async def test_a_line_that_seals_nothing_says_what_it_lacks(talk: Talk, line: str, said: str) -> None:
    await heard(talk)

    await talk.says(BUREAU, line)

    assert (talk.heard(BUREAU), await talk.rows(Avis)) == (said, [])


async def test_an_avis_is_not_given_on_who_was_not_heard(talk: Talk) -> None:
    await convoked(talk, "camille")

    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')

    assert talk.heard(BUREAU) == (
        f"{NOT_KEPT} État de la candidature : convoquée. Notez d’abord l’entretien (!entendu 1 ou !absent 1)."
    )


async def test_who_knows_the_candidate_gives_no_avis(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.says(BUREAU, "!contrainte 1 connaît Bureau-edith")
    talk.clock.set(INTERVIEW)
    await talk.app.settled()
    await talk.says(BUREAU, "!entendu 1")

    await talk.says(EDITH, '!avis 1 favorable "Beau projet."')

    assert talk.heard(BUREAU) == (
        f"{NOT_KEPT} Vous êtes noté ou notée comme connaissant la personne : un autre membre doit le rendre."
    )


async def test_only_its_author_changes_an_avis_before_it_is_confirmed(talk: Talk) -> None:
    await heard(talk)
    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')

    await talk.says(EDITH, '!avis 1 défavorable "Trop court."')

    assert talk.heard(BUREAU) == (
        f"{NOT_KEPT} Un autre membre l’a déjà scellé : lui seul peut le modifier avant la confirmation."
    )
    assert await versions(talk) == [(1, AvisEtat.SCELLE)]


async def test_a_yes_to_words_that_were_changed_since_confirms_nothing(talk: Talk) -> None:
    await heard(talk)
    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')
    talk.clock.set(INTERVIEW.replace(minute=5))
    await talk.says(BUREAU, '!avis 1 réservé "À revoir."')

    await taps(talk, EDITH, "Avis du dossier n° 1 scellé")

    assert "elle a été remplacée par une autre" in talk.heard(BUREAU)
    assert await versions(talk) == [(1, AvisEtat.SCELLE)]


async def test_an_avis_that_is_confirmed_says_so_and_no_more(talk: Talk) -> None:
    await confirmed(talk)

    await talk.says(BUREAU, "!avis 1")

    assert talk.heard(BUREAU) == f"Dossier n° 1 : avis n° 1 confirmé, pas encore transmis. {SHOWN_TO_NOBODY}"


async def test_before_the_entretien_there_is_no_avis_to_give(talk: Talk) -> None:
    await convoked(talk, "camille")

    await talk.says(BUREAU, "!avis 1")

    assert talk.heard(BUREAU) == "Dossier n° 1 : pas d’avis, état : convoquée."


async def test_a_confirmation_that_lapsed_is_asked_for_again_and_is_still_another_persons(talk: Talk) -> None:
    await heard(talk)
    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')
    talk.clock.set(RELEASE.replace(day=29))
    await talk.app.settled()

    await talk.says(EDITH, "!avis 1")
    asked = talk.heard(BUREAU)
    await talk.says(BUREAU, "oui")
    own = talk.heard(BUREAU)
    await talk.says(EDITH, "oui")

    assert asked.startswith(f"Dossier n° 1 : avis n° 1 scellé, à confirmer par une autre personne. {SHOWN_TO_NOBODY}")
    assert own.startswith("Il faut deux personnes")
    assert await versions(talk) == [(1, AvisEtat.CONFIRME)]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("« Bon projet, motif : la durée »", "Bon projet, motif : la durée"),
        ("'Bon projet'", "Bon projet"),
        ("« Bon » et « clair »", "« Bon » et « clair »"),
    ],
)
async def test_the_words_of_an_avis_are_told_whole(talk: Talk, typed: str, read: str) -> None:
    await heard(talk)
    await talk.says(BUREAU, f"!avis 1 favorable {typed}")
    await talk.says(EDITH, "oui")
    talk.clock.set(RELEASE)
    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "oui")

    await talk.says("camille", "ouvrir l’avis")

    assert talk.heard().split("\n")[1] == read


async def test_the_reason_of_a_correction_is_not_told_with_it(talk: Talk) -> None:
    await confirmed(talk)
    await talk.says(BUREAU, "!avis 1 réservé « À revoir » Motif: erreur de dossier")
    await talk.says(EDITH, "oui")
    talk.clock.set(RELEASE)
    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "oui")

    await talk.says("camille", "ouvrir l’avis")

    assert talk.heard().split("\n")[:2] == ["Avis de la commission : réservé (candidature n° 1)", "À revoir"]


async def test_a_slip_about_who_came_is_corrected_until_the_avis(talk: Talk) -> None:
    await heard(talk)
    await talk.says(BUREAU, "!absent 1")
    absent = talk.heard(BUREAU)
    await talk.says(BUREAU, "!entendu 1-2")
    swept = talk.heard(BUREAU)
    await talk.says(BUREAU, "!entendu 1", '!avis 1 favorable "Beau projet."', "!absent 1")

    assert absent == "– n° 1 : notée absente"
    assert swept.split("\n")[0] == (
        "– n° 1 : rien de fait, état : absente à l’entretien ; pour corriger, donnez ce numéro seul"
    )
    assert talk.heard(BUREAU) == "– n° 1 : rien de fait, état : avis scellé"


@pytest.mark.parametrize("text", ["Trop court.", "Trop court. motif :  "], ids=["no reason", "an empty reason"])
async def test_a_confirmed_avis_is_not_corrected_without_a_reason(talk: Talk, text: str) -> None:
    await confirmed(talk)

    await talk.says(EDITH, f"!avis 1 défavorable {text}")

    assert talk.heard(BUREAU) == (
        f"{NOT_KEPT} Il est déjà confirmé. Pour le corriger, ajoutez la raison à la fin du texte, après « motif : » ;"
        " une autre personne confirmera."
    )


async def test_a_correction_is_not_written_over_another(talk: Talk) -> None:
    await confirmed(talk)
    await talk.says(EDITH, "!avis 1 défavorable Trop court. motif : erreur de dossier")
    await talk.says("bureau-jean", "!avis 1 réservé À revoir. motif : faute de frappe")
    await talk.says(BUREAU, "oui", "1")

    await taps(talk, BUREAU, "Correction de l’avis du dossier n° 1")

    assert (talk.heard(BUREAU), len(await versions(talk))) == (POINTLESS, 2)


async def test_without_a_confirmed_avis_nothing_leaves(talk: Talk) -> None:
    await heard(talk)
    await talk.says(BUREAU, '!avis 1 favorable "Beau projet."')
    talk.clock.set(RELEASE)
    await talk.app.settled()

    await talk.says(BUREAU, "!avis publier")

    assert talk.heard(BUREAU) == (
        "Aucun avis confirmé n’attend d’être transmis. Attend la confirmation d’une seconde personne : n° 1."
        " Pour la redemander : !avis 1."
    )


async def test_a_date_moved_before_the_second_yes_holds_the_avis_back(talk: Talk) -> None:
    await confirmed(talk)
    talk.clock.set(RELEASE)
    await talk.app.settled()
    await talk.says(BUREAU, "!avis publier")
    talk.app.given["campagne"] = replace(talk.app.campagne, avis_from=date(2017, 5, 2))

    await talk.says(EDITH, "oui")

    assert await versions(talk) == [(1, AvisEtat.CONFIRME)]
    assert talk.heard(BUREAU) == (
        "Les avis ne sont transmis qu’à compter du mardi 2 mai 2017 à 0 h 00 min 00 s (heure de Paris)."
        " Rien n’est envoyé."
    )


async def test_an_avis_corrected_before_it_ever_left_replaces_nothing_for_the_candidate(talk: Talk) -> None:
    await confirmed(talk)
    await talk.says("bureau-jean", "!avis 1 réservé À revoir. motif : faute de frappe")
    await talk.says(BUREAU, "oui", "1")
    talk.clock.set(RELEASE)
    await talk.app.settled()

    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "oui")

    assert talk.heard().partition("\n")[0] == "L’avis de la commission sur votre candidature n° 1 est disponible."


async def test_a_released_avis_stays_open_until_its_correction_leaves(talk: Talk) -> None:
    await released(talk)
    await talk.says(BUREAU, "!avis 1 défavorable Trop court. motif : erreur de dossier")
    await talk.says(EDITH, "oui")

    await talk.says("camille", "ouvrir l’avis")
    meanwhile = talk.heard()
    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "oui")
    told = talk.heard()
    await talk.says("camille", "ouvrir l’avis")

    assert meanwhile.startswith("Avis de la commission : favorable (candidature n° 1)\nBeau projet.\n")
    assert told.startswith(
        "L’avis de la commission sur votre candidature n° 1 est disponible : il remplace le précédent."
    )
    assert talk.heard().startswith("Avis de la commission : défavorable (candidature n° 1)\nTrop court.\n")
    assert await versions(talk) == [(1, AvisEtat.LU), (2, AvisEtat.LU)]


async def test_a_copy_asked_for_while_a_correction_waits_is_the_avis_that_left(talk: Talk) -> None:
    await released(talk)
    await talk.says(BUREAU, "!avis 1 défavorable Trop court. motif : erreur de dossier")
    await talk.says(EDITH, "oui")

    await talk.says(BUREAU, "!copie 1")

    assert talk.heard("courriel").endswith("\nAvis : favorable\nBeau projet.")
    assert (await copies(talk))[-1] == "ien/avis"


async def test_without_an_ien_the_bureau_is_told_that_the_copy_of_an_avis_goes_to_nobody(talk: Talk) -> None:
    await released(talk)
    await talk.says(BUREAU, "!renseigner 1 circonscription Paris 5")
    before = len(talk.said)

    await talk.says(BUREAU, "!copie 1")

    assert [one.room for one in talk.said[before:]] == [BUREAU]
    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : pas d’IEN pour la circonscription « Paris 5 »."
        " La copie n’est pas partie. Ajoutez l’IEN (!ien importer), puis : !copie 1."
    )


async def test_of_two_members_who_release_at_once_one_does(talk: Talk) -> None:
    await confirmed(talk)
    talk.clock.set(RELEASE)
    await talk.app.settled()
    await talk.says(BUREAU, "!avis publier")
    await talk.says(EDITH, "!avis publier")
    await talk.says(BUREAU, "oui")

    await talk.says(EDITH, "oui")

    assert talk.heard(BUREAU) == POINTLESS
