// A question with answers to press: one answer each, the latest counts. Typing the answer works as well.

import { make } from "./log.js";

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
    Object.assign(this, { client, chosen: [], closed: false, at: 0 });
  }

  add(event) {
    if (event.getType() === POLL_END) this.closed = true;
    else if (event.getSender() === this.client.getUserId() && event.getTs() >= this.at) {
      this.at = event.getTs();
      this.chosen = event.getContent()[POLL_RESPONSE]?.answers ?? [];
    }
  }

  draw(event) {
    const { question, answers } = pollStart(event.getContent());
    const group = make("fieldset", "poll", make("legend", "", text(question)));
    for (const answer of answers) group.append(this.#button(event, answer));
    if (this.closed) group.append(make("p", "mark", "Question close."));
    return group;
  }

  #button(event, answer) {
    const id = answer.id ?? answer["m.id"];
    const chosen = this.chosen.includes(id);
    const button = make("button", "answer", make("span", "", text(answer)), ...(chosen ? [make("em", "", "votre choix")] : []));
    button.type = "button";
    button.dataset.key = id;
    button.ariaPressed = String(chosen);
    button.disabled = this.closed;
    button.addEventListener("click", () => this.#answer(event, id));
    return button;
  }

  #answer(event, id) {
    const relation = { rel_type: "m.reference", event_id: event.getId() };
    this.client.sendEvent(event.getRoomId(), POLL_RESPONSE, { [POLL_RESPONSE]: { answers: [id] }, "m.relates_to": relation });
  }
}
