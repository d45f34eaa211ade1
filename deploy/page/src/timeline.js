// What there is to show: the events of a room, with their edits, votes and reactions folded into them.

export const POLL = "org.matrix.msc3381.poll.start";
export const RESPONSE = "org.matrix.msc3381.poll.response";
const POLLS = [POLL, "m.poll.start"];
const RESPONSES = [RESPONSE, "m.poll.response"];
const ENDS = ["org.matrix.msc3381.poll.end", "m.poll.end"];
const TEXT = "org.matrix.msc1767.text";

export function relation(event) {
  return event.getWireContent()["m.relates_to"] ?? event.getContent()["m.relates_to"] ?? {};
}

export function itemsOf(events, me) {
  const items = new Map();
  for (const event of events) {
    const item = itemOf(event, me);
    if (item) items.set(item.id, item);
    else if (!event.isRedacted()) fold(items, event, me);
  }
  return [...items.values()];
}

function itemOf(event, me) {
  const type = event.getType();
  const { rel_type: kind } = relation(event);
  const folded = ["m.replace", "m.reference", "m.annotation"].includes(kind);
  if (folded) return null;
  const content = event.getOriginalContent();
  const item = {
    id: event.getId(),
    key: event.getTxnId() ?? event.getId(),
    event,
    sender: event.getSender(),
    own: event.getSender() === me,
    at: event.getTs(),
    status: event.status,
    kind: null,
    content,
    edited: false,
    reactions: {},
    choice: [],
    ended: false,
  };
  if (event.isRedacted()) return ["m.room.message", "m.room.encrypted"].includes(type) ? { ...item, kind: "removed" } : null;
  if (event.isDecryptionFailure()) return { ...item, kind: "unreadable" };
  if (type === "m.room.message") return { ...item, kind: isFile(content) ? "file" : "words" };
  const poll = POLLS.includes(type) ? pollOf(content) : null;
  return poll ? { ...item, kind: "poll", poll } : null;
}

function isFile(content) {
  return ["m.file", "m.image", "m.audio", "m.video"].includes(content.msgtype) && Boolean(content.file ?? content.url);
}

function fold(items, event, me) {
  const related = relation(event);
  const item = items.get(related.event_id);
  const content = event.getOriginalContent();
  const type = event.getType();
  if (!item || event.isDecryptionFailure()) return;
  if (related.rel_type === "m.replace" && event.getSender() === item.sender && content["m.new_content"]) {
    item.content = content["m.new_content"];
    item.edited = true;
    if (item.kind === "words" || item.kind === "file") item.kind = isFile(item.content) ? "file" : "words";
  } else if (related.rel_type === "m.annotation" && event.status !== "not_sent") {
    const people = (item.reactions[related.key] ??= []);
    people.push({ sender: event.getSender(), id: event.getId() });
  } else if (item.kind === "poll" && RESPONSES.includes(type) && event.getSender() === me && !item.ended) {
    const answers = (content[RESPONSE] ?? content["m.poll.response"])?.answers ?? content["m.selections"] ?? [];
    item.failed = event.status === "not_sent" ? event : null;
    if (!item.failed) item.choice = answers.slice(0, item.poll.most);
    item.sending = event.status !== null && event.status !== "sent" && !item.failed;
  } else if (item.kind === "poll" && ENDS.includes(type) && event.getSender() === item.sender) {
    item.ended = true;
  }
}

function words(given) {
  if (typeof given === "string") return given;
  const written = given?.[TEXT] ?? given?.["m.text"] ?? given?.body ?? "";
  return Array.isArray(written) ? String(written[0]?.body ?? "") : String(written);
}

function pollOf(content) {
  const poll = content[POLL] ?? content["m.poll"];
  if (!poll || !Array.isArray(poll.answers)) return null;
  const answers = poll.answers.map((answer) => ({ id: answer.id ?? answer["m.id"], label: words(answer) }));
  return { question: words(poll.question), answers, most: Math.max(1, poll.max_selections ?? 1) };
}
