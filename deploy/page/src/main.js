// The page: who one is, then the conversation.

import { ClientEvent, RoomEvent, RoomMemberEvent } from "matrix-js-sdk";
import { Composer } from "./composer.js";
import { Log } from "./log.js";
import { alone, connect, openRoom, roomKnown } from "./session.js";

const WORDS = {
  candidat: ["Candidate ou candidat", "Poser une question, vérifier si l’on peut postuler, déposer son dossier."],
  bureau: ["Bureau DE2", "Suivre les dossiers, préparer les convocations, répondre aux questions laissées de côté."],
  collegue: ["Collègue du bureau", "Confirmer ce qui demande deux personnes : délais, avis, publication."],
  ien: ["IEN", "Recevoir la copie des convocations et des avis de sa circonscription."],
};
const byId = (id) => document.getElementById(id);
const status = (words) => {
  byId("status").textContent = words;
};

async function begin() {
  const config = await (await fetch("/config.json")).json();
  const asked = new URLSearchParams(location.search);
  const person = config.people[asked.get("qui")];
  if (!person) {
    choose(config);
    return;
  }
  document.title = `Greffier, ${WORDS[asked.get("qui")][0]}`;
  byId("person").textContent = person.name;
  byId("role").textContent = WORDS[asked.get("qui")][0];
  byId("chat").hidden = false;
  status("Connexion…");
  if (!(await alone(person))) {
    status("Cette conversation est déjà ouverte dans un autre onglet.");
    return;
  }
  const client = await connect(config, person, asked.has("isolation"));
  await converse(client, config, person);
}

function choose(config) {
  byId("choice").hidden = false;
  for (const [role, person] of Object.entries(config.people)) {
    const [title, words] = WORDS[role];
    const card = Object.assign(document.createElement("a"), { className: "card", href: `/?qui=${role}` });
    for (const [tag, text] of [["strong", title], ["span", person.name], ["small", words]]) {
      card.append(Object.assign(document.createElement(tag), { textContent: text }));
    }
    byId("cards").append(Object.assign(document.createElement("li"), {}));
    byId("cards").lastElementChild.append(card);
  }
}

async function converse(client, config, person) {
  status("Ouverture de la conversation…");
  let room = await roomKnown(client, await openRoom(client, config, person));
  const log = new Log(byId("log"), client, room);
  const composer = new Composer(byId("composer"), client, () => room.roomId, log);
  watch(client, log, config.bot);
  client.on(RoomEvent.MyMembership, async (invited, membership) => {
    if (membership !== "invite" || invited.getDMInviter() !== config.bot || person.room) return;
    await client.joinRoom(invited.roomId); // the bot opened a new conversation
    room = await roomKnown(client, invited.roomId);
    log.show(room);
  });
  log.show(room);
  composer.ready();
  document.body.dataset.ready = "true";
  greet(room, config.bot);
}

function greet(room, bot) {
  const here = () => room.getMember(bot)?.membership === "join";
  status(here() ? "Conversation chiffrée" : "Greffier arrive…");
  if (here()) return;
  room.on("RoomState.members", () => here() && status("Conversation chiffrée"));
}

function watch(client, log, bot) {
  client.on(RoomMemberEvent.Typing, (_event, member) => {
    if (member.roomId !== log.room.roomId || member.userId === client.getUserId()) return;
    byId("typing").textContent = member.typing ? `${member.name} écrit…` : "";
  });
  let away = false;
  client.on(ClientEvent.Sync, (state) => {
    if (state === "RECONNECTING" || state === "ERROR") {
      away = true;
      status("Connexion perdue. La page réessaie toute seule ; rien de ce qui est écrit n’est perdu.");
    } else if (away && state === "SYNCING") {
      away = false;
      greet(log.room, bot);
    }
  });
}

begin().catch((error) => {
  console.error(error);
  status("La conversation n’a pas pu s’ouvrir. Rechargez la page ; si cela continue, relancez la démonstration.");
});
