// A second, independent Matrix client: matrix-js-sdk with its Rust cryptography, driven by lines of JSON.
// Each line in is {id, do, …}; each line out is {id, result | error} or {event}.

import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";

for (const level of ["log", "info", "debug", "warn"]) console[level] = () => {}; // the lines out are ours alone

// The library wants Node 22 and stops listening without this one function; Node 20 is what Debian and CI often have.
Promise.withResolvers ??= function withResolvers() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const page = new URL("../../deploy/page/", import.meta.url);
const library = (path) => import(new URL(`node_modules/matrix-js-sdk/lib/${path}`, page));
const sdk = await library("index.js");
const { logger } = await library("logger.js");
const { OnlySignedDevicesIsolationMode, EventShieldColour } = await library("crypto-api/index.js");
const { sendFile, fetchFile } = await import(new URL("src/files.js", page));

const ENCRYPTION = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
const POLL_RESPONSE = "org.matrix.msc3381.poll.response";
const seen = new Set();
let client;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function told(event) {
  const failed = event.isDecryptionFailure();
  if (event.isBeingDecrypted() || (event.getType() === "m.room.encrypted" && !failed) || !event.getId()?.startsWith("$")) return;
  const key = `${event.getId()} ${failed}`;
  if (seen.has(key)) return;
  seen.add(key);
  const shield = event.isEncrypted() && !failed ? await client.getCrypto().getEncryptionInfoForEvent(event) : null;
  say({
    event: {
      room: event.getRoomId(),
      id: event.getId(),
      sender: event.getSender(),
      type: event.getType(),
      at: event.getTs(),
      content: event.getOriginalContent(),
      encrypted: event.isEncrypted(),
      undecryptable: failed,
      shield: shield ? EventShieldColour[shield.shieldColour] : null,
      shield_reason: shield?.shieldReason ?? null,
    },
  });
}

const deeds = {
  async start({ url, user, password, isolation }) {
    const identifier = { type: "m.id.user", user };
    const anyone = sdk.createClient({ baseUrl: url });
    const login = await anyone.loginRequest({ type: "m.login.password", identifier, password });
    const device = { userId: login.user_id, accessToken: login.access_token, deviceId: login.device_id };
    client = sdk.createClient({ baseUrl: url, ...device });
    await client.initRustCrypto({ useIndexedDB: false });
    const authUploadDeviceSigningKeys = (upload) =>
      upload(null).catch((error) => upload({ type: "m.login.password", identifier, password, session: error.data?.session }));
    await client.getCrypto().bootstrapCrossSigning({ authUploadDeviceSigningKeys });
    if (isolation) client.getCrypto().setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    client.on(sdk.RoomEvent.Timeline, told);
    client.on(sdk.RoomEvent.LocalEchoUpdated, told);
    client.on(sdk.MatrixEventEvent.Decrypted, told);
    const prepared = new Promise((done) => {
      client.on(sdk.ClientEvent.Sync, (state) => state === "PREPARED" && done());
    });
    await client.startClient({ initialSyncLimit: 100 });
    await prepared;
    return { user: login.user_id, device: login.device_id };
  },
  async create_dm({ user }) {
    const asked = { preset: "trusted_private_chat", is_direct: true, invite: [user], initial_state: [ENCRYPTION] };
    const { room_id: room } = await client.createRoom(asked);
    await known(room);
    return room;
  },
  async join({ room }) {
    await client.joinRoom(room);
    await known(room);
  },
  async member({ room, user, membership }) {
    while (client.getRoom(room)?.getMember(user)?.membership !== membership) await pause();
  },
  async invited() {
    for (;;) {
      const room = client.getRooms().find((one) => one.getMyMembership() === "invite");
      if (room) return room.roomId;
      await pause();
    }
  },
  send: async ({ room, type, content }) => (await client.sendEvent(room, type, content)).event_id,
  async send_file({ room, path, mimetype }) {
    const bytes = new Uint8Array(await readFile(path));
    return (await sendFile(client, room, { name: basename(path), type: mimetype, bytes })).event_id;
  },
  async vote({ room, poll, answer }) {
    const relation = { rel_type: "m.reference", event_id: poll };
    const content = { [POLL_RESPONSE]: { answers: [answer] }, "m.relates_to": relation };
    return (await client.sendEvent(room, POLL_RESPONSE, content)).event_id;
  },
  redact: async ({ room, event }) => (await client.redactEvent(room, event)).event_id,
  typing: async ({ room, typing }) => void (await client.sendTyping(room, typing, 20000)),
  save: async ({ content, path }) => void (await writeFile(path, await fetchFile(client, content))),
};

const pause = () => new Promise((done) => setTimeout(done, 50));

async function known(room) {
  while (!client.getRoom(room)?.hasEncryptionStateEvent()) await pause();
}

logger.setLevel("silent", false);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: deed, ...given } = JSON.parse(line);
  deeds[deed](given).then(
    (result) => say({ id, result: result ?? null }),
    (error) => say({ id, error: String(error) }),
  );
}
client?.stopClient();
process.exit(0);
