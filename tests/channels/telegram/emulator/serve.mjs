// telegram-test-api, a Bot API server that others wrote, and its own client as the person: one process, lines of JSON.
// The first line out is {url}; each line in is {id, do, …}, each line out {id, result | error}.

import { createInterface } from "node:readline";
import TelegramServer from "telegram-test-api";

const [token, user, name] = process.argv.slice(2);
const HELD = 300; // milliseconds that a question for updates is held for, rather than answered with nothing at once

const server = new TelegramServer({ host: "127.0.0.1" });

// --- what Telegram says and this server does not: each line here is one that the door cannot do without ---

const mended = {
  getMe: (me) => ({ ...me, is_bot: true }),
  async getUpdates(found) {
    if (!found.length) await new Promise((done) => setTimeout(done, HELD));
    for (const { callback_query: press } of found) if (press) press.chat_instance = "1";
    return found;
  },
};
const { response } = server.webServer;
const { json } = response;
response.json = async function answer(body) {
  const mend = this.req.params.token && mended[this.req.path.split("/").pop()];
  return json.call(this, mend ? { ...body, result: await mend(body.result) } : body);
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
