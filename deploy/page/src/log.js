// The conversation as it is read: one article per message, renewed in place whenever the message changes.

import { MatrixEventEvent, RoomEvent } from "matrix-js-sdk";
import { EventShieldColour } from "matrix-js-sdk/lib/crypto-api/index.js";
import { chip } from "./chip.js";
import { make } from "./element.js";
import { sanitised } from "./html.js";
import { Poll, POLL_END, POLL_RESPONSE, POLL_START, pollStart } from "./poll.js";
import { Reactions } from "./reactions.js";
import { sending } from "./sending.js";

const TIME = new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" });

export class Log {
  constructor(element, client, room) {
    Object.assign(this, { element, client, room, top: 0 });
    element.addEventListener("scroll", () => this.#scrolled());
    element.addEventListener("load", () => this.#follow(), true); // a picture that opens late
    new MutationObserver(() => this.#follow()).observe(element, { childList: true, subtree: true });
    new ResizeObserver(() => this.#follow()).observe(element); // a keyboard on the screen
    client.on(RoomEvent.Timeline, (event, where, toStart) => where?.roomId === this.room.roomId && this.#take(event, toStart));
    client.on(RoomEvent.LocalEchoUpdated, (event) => this.#progressed(event));
    client.on(RoomEvent.Redaction, (event) => this.#redacted(event));
    // The homeserver's copy of one's own message is decrypted too, and then dropped for the one that is shown already.
    client.on(MatrixEventEvent.Decrypted, (event) => this.room.findEventById(event.getId()) === event && this.#take(event));
    client.on(MatrixEventEvent.Replaced, (event) => this.#renew(event));
    client.on(RoomEvent.TimelineReset, (where) => where?.roomId === this.room.roomId && this.show(this.room));
  }

  /** Show a room from its first known message. */
  show(room) {
    this.room = room;
    this.following = true;
    this.nodes = new Map(); // event → its article
    this.polls = new Map(); // id of the question → its answers
    this.reactions = new Reactions(this.client, (id) => this.#renewId(id));
    this.element.replaceChildren();
    for (const event of room.getLiveTimeline().getEvents()) this.#take(event);
  }

  /** Tell the homeserver that somebody is reading; a page in the background is not read. */
  #read(event) {
    const theirs = event.getSender() !== this.client.getUserId() && event.getId()?.startsWith("$");
    if (theirs && document.visibilityState === "visible") this.client.sendReadReceipt(event).catch(() => {});
  }

  #take(event, toStart = false) {
    if (event.isRedacted()) return;
    if (event.isBeingDecrypted() || (event.getType() === "m.room.encrypted" && !event.isDecryptionFailure())) {
      return; // it comes back once decrypted
    }
    if (event.getType() === "m.reaction") this.reactions.add(event);
    else if (event.getType() === POLL_RESPONSE || event.getType() === POLL_END) this.#answered(event);
    else if (shown(event)) this.#place(event, toStart);
  }

  #place(event, toStart) {
    if (this.nodes.has(event)) {
      this.#renew(event);
      return;
    }
    if (event.getSender() === this.client.getUserId()) this.following = true;
    const node = this.#draw(event);
    this.nodes.set(event, node);
    if (toStart) this.element.prepend(node);
    else this.element.append(node);
    if (!toStart) this.#read(event);
  }

  #answered(event) {
    const id = event.getRelation()?.event_id ?? event.getContent()["m.relates_to"]?.event_id;
    if (!id) return;
    this.#poll(id).add(event);
    this.#renewId(id);
  }

  /** What one sent went a step further: the message says so, or the question that it answers. */
  #progressed(event) {
    const question = event.getType() === POLL_RESPONSE && event.getRelation()?.event_id;
    if (question) this.#renewId(question);
    else this.#renew(event);
  }

  #poll(id) {
    if (!this.polls.has(id)) this.polls.set(id, new Poll(this.client));
    return this.polls.get(id);
  }

  #redacted(redaction) {
    const id = redaction.event.redacts ?? redaction.getContent().redacts;
    this.reactions.remove(id);
    this.#renewId(id);
  }

  #renewId(id) {
    for (const event of this.nodes.keys()) if (event.getId() === id) this.#renew(event);
  }

  #renew(event) {
    const old = this.nodes.get(event);
    if (!old) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const node = this.#draw(event);
    old.replaceWith(node);
    this.nodes.set(event, node);
    if (focused) node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #draw(event) {
    const mine = event.getSender() === this.client.getUserId();
    const name = mine ? "Vous" : (event.sender?.name ?? event.getSender());
    const time = make("time", "", TIME.format(event.getDate()));
    time.dateTime = event.getDate().toISOString();
    const node = make("article", mine ? "message mine" : "message", make("header", "", make("strong", "", name), " ", time));
    node.dataset.event = event.getId();
    node.dataset.sender = event.getSender();
    node.append(...this.#body(event));
    if (event.replacingEvent()) node.append(make("p", "mark", "modifié"));
    this.#trust(event, node, mine);
    node.append(...this.reactions.chips(event.getId()), ...sending(event, this.client, this.room));
    return node;
  }

  #body(event) {
    if (event.isRedacted()) return [make("p", "mark", "Message retiré.")];
    if (event.isDecryptionFailure()) {
      return [make("p", "warning", "Message illisible pour l’instant. S’il le reste, demandez à son auteur de le renvoyer.")];
    }
    const content = event.getContent();
    if (pollStart(content)) return [this.#poll(event.getId()).draw(event)];
    if (content.file || content.url) return [chip(this.client, content)];
    if (content.format === "org.matrix.custom.html" && content.formatted_body) {
      return [make("div", "body", sanitised(content.formatted_body))];
    }
    return [make("div", "body plain", content.body ?? "")];
  }

  /** Say so when the device that wrote is not signed by its owner, or wrote in clear. */
  async #trust(event, node, mine) {
    if (mine || event.isDecryptionFailure()) return;
    if (!event.isEncrypted()) {
      node.append(make("p", "warning", "Message non chiffré."));
      return;
    }
    const info = await this.client.getCrypto().getEncryptionInfoForEvent(event);
    if (info?.shieldColour !== EventShieldColour.RED) return;
    node.append(make("p", "warning shield", "Attention : ce message vient d’un appareil que son propriétaire n’a pas vérifié."));
  }

  /** Who reads the end stays there whatever grows; who scrolls back is left there. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    if (scrollHeight - scrollTop - clientHeight < 80) this.following = true;
    else if (scrollTop < this.top) this.following = false;
    this.top = scrollTop;
  }

  #follow() {
    if (this.following) this.element.scrollTop = this.element.scrollHeight;
  }
}

function shown(event) {
  if (event.getRelation()?.rel_type === "m.replace") return false; // shown in place
  return event.isDecryptionFailure() || ["m.room.message", POLL_START, "m.poll.start"].includes(event.getType());
}
