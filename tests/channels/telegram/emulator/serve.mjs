// telegram-test-api, a Bot API server that others wrote, and its own client as the person: one process, lines of JSON.
// The first line out is {url}; each line in is {id, do, …}, each line out {id, result | error}.

import { createInterface } from "node:readline";
import TelegramServer from "telegram-test-api";

const [token, user, name] = process.argv.slice(2);
const HELD = 300; // milliseconds that a question for updates is held for, rather than answered with nothing at once

const server = new TelegramServer({ host: "127.0.0.1" });

// --- what Telegram answers and this server does not: without it no client of the Bot API goes far ---

const seconds = (milliseconds) => Math.floor(milliseconds / 1000);
const changed = ({ chat_id: chat, message_id: number }) => {
  const { message, time } = server.storage.botMessages.find((one) => one.messageId === Number(number));
  return { ...message, message_id: Number(number), date: seconds(time), chat: { id: Number(chat), type: "private" } };
};
const mended = {
  getMe: (_, me) => ({ ...me, is_bot: true }),
  sendMessage: (_, message) => ({ ...message, date: seconds(message.date) }),
  editMessageText: changed,
  editMessageReplyMarkup: changed,
  answerCallbackQuery: () => true,
  deleteMessage: (_, done) => (done === null ? true : done),
  deleteWebhook: () => true,
  async getUpdates(_, found) {
    if (!found.length) await new Promise((done) => setTimeout(done, HELD));
    const updates = found.length ? found : server.getUpdates(token);
    for (const { callback_query: press } of updates) if (press) press.chat_instance = "1";
    return updates;
  },
};
const { response } = server.webServer;
const { json } = response;
response.json = async function answer(body) {
  const mend = this.req.params.token && mended[this.req.path.split("/").pop()];
  return json.call(this, mend ? { ...body, result: await mend(this.req.body, body.result) } : body);
};

// --- the person ---

server.config.port = 0; // a free one: the constructor takes 0 for its own 9000
await server.start();
server.config.apiURL = `http://127.0.0.1:${server.server.address().port}`;
const person = server.getClient(token, { userId: Number(user), chatId: Number(user), firstName: name });

const deeds = {
  says: ({ text }) => person.sendMessage(person.makeMessage(text)),
  commands: ({ text }) => person.sendCommand(person.makeCommand(text)),
  taps: ({ message, data }) => person.sendCallback(person.makeCallbackQuery(data, { message })),
  history: () => person.getUpdatesHistory(),
};

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ url: server.config.apiURL });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: deed, ...given } = JSON.parse(line);
  await deeds[deed](given).then(
    (result) => say({ id, result: result ?? null }),
    (error) => say({ id, error: String(error) }),
  );
}
process.exit(0);
