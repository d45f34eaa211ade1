// One message as it is seen.

import { make } from "./dom.js";
import { download, isPicture, picture, size } from "./files.js";
import { plain, sanitised } from "./html.js";
import { RESPONSE } from "./timeline.js";

const hour = new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long" });

export function dayOf(at) {
  return day.format(at);
}

export function messageOf(item, { client, room, name, alarm }) {
  const bodies = { words: wordsOf, file: fileOf, poll: pollOf, unreadable: unreadableOf, removed: removedOf };
  const moment = new Date(item.at);
  const time = make("time", { datetime: moment.toISOString() }, hour.format(moment));
  const head = make("p", { class: "head" }, make("span", { class: "name" }, name), " ", time);
  if (item.edited) head.append(" ", make("span", { class: "edited" }, "modifié"));
  const bubble = make("div", { class: "bubble" }, head, ...bodies[item.kind](item, client, room));
  if (alarm) bubble.append(make("p", { class: "alarm" }, "Attention : l’appareil qui a écrit ceci n’est pas signé par son propriétaire."));
  const attributes = { "data-event": item.id, "data-sender": item.sender, class: item.own ? "own" : "other" };
  return make("li", attributes, bubble, reactionsOf(item, client, room), stateOf(item, client, room));
}

// --- words ---

function wordsOf({ content }) {
  const rich = content.format === "org.matrix.custom.html" && typeof content.formatted_body === "string";
  const said = rich ? sanitised(content.formatted_body) : plain(String(content.body ?? ""));
  const weak = content.msgtype === "m.notice" ? " notice" : "";
  return [make("div", { class: `words ${rich ? "rich" : "plain"}${weak}` }, said)];
}

function unreadableOf() {
  return [make("p", { class: "words faint" }, "Message illisible pour l’instant")];
}

function removedOf() {
  return [make("p", { class: "words faint" }, "Message supprimé")];
}

// --- files ---

function fileOf({ content }, client) {
  const name = String(content.filename ?? content.body ?? "fichier");
  const parts = [];
  if (isPicture(content)) parts.push(imageOf(content, name, client));
  const note = make("span", { class: "note", role: "status" });
  const fetchIt = async () => {
    note.textContent = "déchiffrement…";
    try {
      await download(client, content);
      note.textContent = "";
    } catch {
      note.textContent = "Ce fichier n’a pas pu être ouvert. Réessayez plus tard.";
    }
  };
  const facts = make("span", { class: "file" }, make("span", { class: "filename" }, name));
  if (content.info?.size) facts.append(" ", make("span", { class: "size" }, size(content.info.size)));
  const button = make("button", { type: "button", "aria-label": `Télécharger ${name}`, click: fetchIt }, "Télécharger");
  parts.push(make("div", { class: "chip" }, facts, button, note));
  if (content.filename && content.body && content.body !== content.filename) parts.push(...wordsOf({ content }));
  return parts;
}

function imageOf(content, name, client) {
  const { w, h } = content.info ?? {};
  const image = make("img", { alt: name, width: w, height: h });
  picture(client, content).then(
    (url) => (image.src = url),
    () => image.remove(),
  );
  return image;
}

// --- polls ---

function pollOf(item, client, room) {
  const { poll, choice, ended, id } = item;
  const title = `poll-${id}`;
  const vote = (answer) => {
    const others = poll.most > 1 ? choice.filter((chosen) => chosen !== answer) : [];
    const answers = poll.most > 1 && choice.includes(answer) ? others : [...others, answer].slice(-poll.most);
    const related = { rel_type: "m.reference", event_id: id };
    client.sendEvent(room.roomId, RESPONSE, { [RESPONSE]: { answers }, "m.relates_to": related }).catch(() => {});
  };
  const buttons = poll.answers.map((answer) => {
    const chosen = choice.includes(answer.id);
    const mark = chosen ? make("span", { class: "mark" }, item.sending ? "envoi…" : "votre choix") : null;
    const attributes = { type: "button", "aria-pressed": String(chosen), "data-answer": answer.id, disabled: ended };
    return make("button", { ...attributes, click: () => vote(answer.id) }, make("span", {}, answer.label), mark);
  });
  const question = make("p", { id: title, class: "question" }, poll.question);
  const group = make("div", { class: "answers", role: "group", "aria-labelledby": title, "data-poll": id }, ...buttons);
  const end = ended ? make("p", { class: "faint" }, choice.length ? "Choix terminé" : "Choix terminé sans vous") : null;
  const failed = item.failed ? retryOf(item.failed, client, room) : null;
  return [question, group, end, failed];
}

// --- under the bubble ---

function reactionsOf({ reactions, id }, client, room) {
  const keys = Object.keys(reactions);
  if (!keys.length) return null;
  const me = client.getUserId();
  const chips = keys.map((key) => {
    const mine = reactions[key].find(({ sender }) => sender === me);
    const toggle = () => {
      const related = { rel_type: "m.annotation", event_id: id, key };
      const done = mine
        ? client.redactEvent(room.roomId, mine.id)
        : client.sendEvent(room.roomId, "m.reaction", { "m.relates_to": related });
      done.catch(() => {});
    };
    const attributes = { type: "button", "aria-pressed": String(Boolean(mine)), "data-reaction": key, click: toggle };
    return make("button", attributes, `${key} ${reactions[key].length}`);
  });
  return make("div", { class: "reactions", role: "group", "aria-label": "Réactions" }, ...chips);
}

function stateOf({ own, status, event }, client, room) {
  if (!own || status === null || status === "sent") return null;
  return status === "not_sent" ? retryOf(event, client, room) : make("p", { class: "state" }, "envoi…");
}

function retryOf(event, client, room) {
  const again = () => client.resendEvent(event, room).catch(() => {});
  const button = make("button", { type: "button", class: "quiet", click: again }, "Réessayer");
  return make("p", { class: "state failed" }, "non envoyé — ", button);
}
