// @ts-check
/** The WebSocket: says hello, hands on messages, and comes back for ever when the link drops. */

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
/** The viewer pings every 15 s; two missed pings and the link is taken for dead. */
const SILENCE_MS = 40_000;

/**
 * @typedef {object} FeedParts
 * @property {() => object} hello  what to ask for, cursors included
 * @property {(message: any) => void} receive
 * @property {(state: "connecting" | "open" | "lost" | "offline", retry_at: number) => void} link
 */

export class Feed {
  #wait_ms = FIRST_WAIT_MS;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog;

  /** @param {FeedParts} parts */
  constructor(parts) {
    this.parts = parts;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  open() {
    clearTimeout(this.#retry);
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.parts.link("connecting", 0);
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = () => this.#socket === socket && this.#lost();
    this.#watch();
  }

  /** Asks again, for other runs or from the cursors of now. */
  resubscribe() {
    this.send(this.parts.hello());
  }

  /** Says something to the viewer, while there is a link. @param {object} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Reconnects at once rather than at the end of the wait. */
  hurry() {
    if (this.#socket === null) this.open();
  }

  #opened() {
    this.#wait_ms = FIRST_WAIT_MS;
    this.parts.link("open", 0);
    this.resubscribe();
  }

  /** @param {string} data */
  #received(data) {
    this.#watch();
    this.parts.receive(JSON.parse(data));
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#silent(), SILENCE_MS);
  }

  /** A peer that vanished never answers the closing handshake: do not wait for it. */
  #silent() {
    this.#socket?.close();
    this.#lost();
  }

  #lost() {
    clearTimeout(this.#watchdog);
    this.#socket = null;
    const wait_ms = this.#wait_ms * (0.75 + Math.random() / 2);
    this.#wait_ms = Math.min(LONGEST_WAIT_MS, this.#wait_ms * 2);
    this.#retry = setTimeout(() => this.open(), wait_ms);
    this.parts.link("lost", Date.now() + wait_ms);
  }
}
