// A real `decorum serve` of its own store, on a free port of this machine.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BIN = process.env.DECORUM_BIN;
if (BIN === undefined) throw new Error("DECORUM_BIN must name the binary under test");

/** The command line, on the store of `dir`. */
export async function decorum(dir, ...args) {
  const { stdout } = await promisify(execFile)(BIN, [...args, "--data-dir", dir]);
  return stdout;
}

export class Server {
  #child = null;
  #flags;
  #listen = "127.0.0.1:0";
  url = "";

  constructor(dir, flags) {
    this.dir = dir;
    this.#flags = flags;
  }

  /** Starts one; `flags` go to `decorum serve`. */
  static async begin(...flags) {
    const server = new Server(await mkdtemp(join(tmpdir(), "decorum-web-")), flags);
    return server;
  }

  async start() {
    const args = ["serve", "--listen", this.#listen, "--data-dir", this.dir, ...this.#flags];
    const child = spawn(BIN, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`decorum serve ended with ${code}`)));
    });
    this.url = line;
    // It comes back where it was.
    this.#listen = new URL(line).host;
    return this;
  }

  async stop() {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  async end() {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** A simulated phone on a free port. */
export async function simulatedPhone() {
  const child = spawn(BIN, ["sim", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`decorum sim ended with ${code}`)));
  });
  const end = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return { url, end };
}
