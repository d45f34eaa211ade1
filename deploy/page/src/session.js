// One person's connection: the device is kept from one visit to the next, its keys in IndexedDB.

import * as sdk from "matrix-js-sdk";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";

const ENCRYPTION = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

/** Whether this tab is the only one of this person: two would spoil the keys that they share. */
export function alone(person) {
  if (!navigator.locks) return true;
  return new Promise((done) => {
    const hold = () => {
      done(true);
      return new Promise(() => {}); // until the tab is closed
    };
    const signal = AbortSignal.timeout(4000); // a page that is reloaded lets go a little late
    navigator.locks.request(`greffier ${person.user}`, { signal }, hold).catch(() => done(false));
  });
}

/** Log in, or come back with the same device, and wait until the conversations are known. */
export async function connect(config, person, isolation) {
  logger.setLevel("silent", false);
  const key = `greffier ${config.homeserver} ${person.user}`;
  const device = (await remembered(key, config)) ?? (await newDevice(key, config, person));
  const client = sdk.createClient({ baseUrl: config.homeserver, ...device, timelineSupport: true });
  await client.initRustCrypto({ cryptoDatabasePrefix: key });
  await signDevice(client, person);
  if (isolation) client.getCrypto().setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
  await client.startClient({ initialSyncLimit: 200, lazyLoadMembers: false });
  await new Promise((done) => {
    client.on(sdk.ClientEvent.Sync, (state) => state === "PREPARED" && done());
  });
  return client;
}

async function remembered(key, config) {
  const device = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!device) return null;
  const headers = { Authorization: `Bearer ${device.accessToken}` };
  const answer = await fetch(`${config.homeserver}/_matrix/client/v3/account/whoami`, { headers });
  return answer.ok ? device : null;
}

async function newDevice(key, config, person) {
  for (const base of (await indexedDB.databases?.()) ?? []) {
    if (base.name.startsWith(key)) indexedDB.deleteDatabase(base.name); // the keys of a device that is gone
  }
  const anyone = sdk.createClient({ baseUrl: config.homeserver });
  const login = await anyone.loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user: person.user },
    password: person.password,
    initial_device_display_name: "Page de chat de Greffier",
  });
  const device = { userId: login.user_id, accessToken: login.access_token, deviceId: login.device_id };
  localStorage.setItem(key, JSON.stringify(device));
  return device;
}

/** Sign the device with its owner's keys: strict correspondents read nobody else. */
async function signDevice(client, person) {
  const identifier = { type: "m.id.user", user: person.user };
  await client.getCrypto().bootstrapCrossSigning({
    authUploadDeviceSigningKeys: (upload) =>
      upload(null).catch((error) =>
        upload({ type: "m.login.password", identifier, password: person.password, session: error.data?.session }),
      ),
  });
}

/** The conversation of this person: the bureau's room, or the direct room with the bot. */
export async function openRoom(client, config, person) {
  if (person.room) {
    await client.joinRoom(person.room);
    return person.room;
  }
  const joined = await caughtUp(client);
  const direct = await directRooms(client);
  const gone = (id) => ["leave", "ban"].includes(client.getRoom(id)?.getMember(config.bot)?.membership);
  const opened = (direct[config.bot] ?? []).find((id) => joined.includes(id) && !gone(id));
  if (opened) return opened;
  const here = (room) => ["join", "invite"].includes(room.getMember(config.bot)?.membership);
  const known = client.getRooms().filter(here);
  const newest = known.sort((a, b) => b.getLastActiveTimestamp() - a.getLastActiveTimestamp());
  const mine = newest.find((room) => ["join", "invite"].includes(room.getMyMembership()));
  if (mine) {
    await client.joinRoom(mine.roomId);
    return mine.roomId;
  }
  const asked = { preset: "trusted_private_chat", is_direct: true, invite: [config.bot], initial_state: [ENCRYPTION] };
  const { room_id: id } = await client.createRoom(asked);
  await client.setAccountData("m.direct", { ...direct, [config.bot]: [id, ...(direct[config.bot] ?? [])] });
  return id;
}

/** The direct rooms of each person as the server knows them now: the SDK would answer from its first sync. */
async function directRooms(client) {
  const user = encodeURIComponent(client.getUserId());
  const address = `${client.baseUrl}/_matrix/client/v3/user/${user}/account_data/m.direct`;
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
  return answer.ok ? answer.json() : {};
}

/** The rooms that one is in, once they are known here: Synapse may answer a first sync with what it answered two minutes ago. */
async function caughtUp(client) {
  const { joined_rooms: joined } = await client.getJoinedRooms();
  const end = Date.now() + 10_000;
  const away = (id) => client.getRoom(id)?.getMyMembership() !== "join"; // known last, once the members are
  while (joined.some(away) && Date.now() < end) await new Promise((done) => setTimeout(done, 50));
  return joined;
}

/** The room once the first answers of the homeserver have shown it. */
export async function roomKnown(client, id) {
  while (!client.getRoom(id)?.hasEncryptionStateEvent()) await new Promise((done) => setTimeout(done, 50));
  return client.getRoom(id);
}
