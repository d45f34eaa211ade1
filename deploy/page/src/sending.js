// What became of what one sent: under way, or not sent and to be tried again.

import { EventStatus } from "matrix-js-sdk";
import { make } from "./element.js";

/** Whether a message of one's own has still to reach the homeserver. */
export const underway = (event) => [EventStatus.SENDING, EventStatus.QUEUED, EventStatus.ENCRYPTING].includes(event.status);

/** The line that says so under the message; nothing once the homeserver has it. */
export function sending(event, client, room) {
  if (event.status === EventStatus.NOT_SENT) {
    const retry = make("button", "retry", "Réessayer");
    retry.type = "button";
    retry.addEventListener("click", () => client.resendEvent(event, room).catch(() => {})); // it says so again
    return [make("p", "warning", "Non envoyé. ", retry)];
  }
  return underway(event) ? [make("p", "mark", "envoi…")] : [];
}
