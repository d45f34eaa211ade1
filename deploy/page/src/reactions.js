// Reactions under a message: a chip each, pressed to add or withdraw one's own.

import { make } from "./element.js";

export class Reactions {
  constructor(client, changed) {
    Object.assign(this, { client, changed, all: new Map() }); // id of the reaction → reaction
  }

  add(event) {
    const { event_id: target, key } = event.getContent()["m.relates_to"] ?? {};
    if (!target || !key) return;
    this.all.set(event.getId(), { target, key, sender: event.getSender() });
    this.changed(target);
  }

  remove(id) {
    const gone = this.all.get(id);
    if (!gone) return;
    this.all.delete(id);
    this.changed(gone.target);
  }

  /** The chips under a message. */
  chips(target) {
    const here = [...this.all].filter(([, reaction]) => reaction.target === target);
    const keys = [...new Set(here.map(([, { key }]) => key))];
    return keys.length ? [make("div", "reactions", ...keys.map((key) => this.#chip(target, key, here)))] : [];
  }

  #chip(target, key, here) {
    const with_ = here.filter(([, reaction]) => reaction.key === key);
    const people = new Set(with_.map(([, { sender }]) => sender));
    const mine = with_.find(([, { sender }]) => sender === this.client.getUserId());
    const chip = make("button", "reaction", `${key} ${people.size}`);
    chip.type = "button";
    chip.dataset.key = key;
    chip.ariaPressed = String(Boolean(mine));
    chip.ariaLabel = `Réaction ${key}, ${people.size} ${people.size > 1 ? "personnes" : "personne"}`;
    chip.addEventListener("click", () => this.#toggle(target, key, mine));
    return chip;
  }

  #toggle(target, key, mine) {
    const room = this.client.getRooms().find((one) => one.findEventById(target));
    const relation = { rel_type: "m.annotation", event_id: target, key };
    const done = mine
      ? this.client.redactEvent(room.roomId, mine[0])
      : this.client.sendEvent(room.roomId, "m.reaction", { "m.relates_to": relation });
    done.catch(() => {}); // the chip stays as it was
  }
}
