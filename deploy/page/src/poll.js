// A question with answers to press: one answer each, the latest counts. Typing the answer works as well.

import { make } from "./element.js";
import { underway } from "./sending.js";

export const POLL_START = "org.matrix.msc3381.poll.start";
export const POLL_RESPONSE = "org.matrix.msc3381.poll.response";
export const POLL_END = "org.matrix.msc3381.poll.end";

/** The question of a message, if it is one. */
export const pollStart = (content) => content[POLL_START] ?? content["m.poll"];

const text = (part) => {
  const stable = Array.isArray(part?.["m.text"]) ? part["m.text"][0]?.body : part?.["m.text"];
  return part?.["org.matrix.msc1767.text"] ?? stable ?? part?.body ?? "";
};

export class Poll {
  constructor(client) {
    Object.assign(this, { client, chosen: [], said: null, closers: new Set(), at: 0 });
  }

  add(event) {
    if (event.getType() === POLL_END) this.closers.add(event.getSender());
    else if (event.getSender() === this.client.getUserId() && event.getTs() >= this.at) {
      this.at = event.getTs();
      this.said = event;
      this.chosen = event.getContent()[POLL_RESPONSE]?.answers ?? [];
    }
  }

  draw(event) {
    const { question, answers } = pollStart(event.getContent());
    const closed = this.closers.has(event.getSender()); // only who asked may close
    const group = make("fieldset", "poll", make("legend", "", text(question)));
    group.dataset.poll = event.getId();
    for (const answer of answers) group.append(this.#button(event, answer, closed));
    if (closed) group.append(make("p", "mark", "Question close."));
    return group;
  }

  #button(event, answer, closed) {
    const id = answer.id ?? answer["m.id"];
    const chosen = this.chosen.includes(id);
    const button = make("button", "answer", make("span", "", text(answer)), ...(chosen ? [make("em", "", this.#mark())] : []));
    button.type = "button";
    button.dataset.key = id;
    button.ariaPressed = String(chosen);
    button.disabled = closed;
    button.addEventListener("click", () => this.#answer(event, id, button));
    return button;
  }

  /** An answer is a choice once the homeserver has it. */
  #mark() {
    return this.said && underway(this.said) ? "envoi…" : "votre choix";
  }

  async #answer(event, id, button) {
    const relation = { rel_type: "m.reference", event_id: event.getId() };
    const before = [...this.chosen];
    try {
      await this.client.sendEvent(event.getRoomId(), POLL_RESPONSE, { [POLL_RESPONSE]: { answers: [id] }, "m.relates_to": relation });
    } catch {
      this.chosen = before;
      const group = document.querySelector(`[data-poll="${CSS.escape(event.getId())}"]`) ?? button.parentElement;
      group.replaceWith(this.draw(event));
      document.querySelector(`[data-poll="${CSS.escape(event.getId())}"]`)?.append(make("p", "warning", "Réponse non envoyée. Choisissez de nouveau."));
    }
  }
}
