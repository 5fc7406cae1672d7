/** Whether the server answers. One truth for all pages; while it does not, one probe asks again. */
import { useSyncExternalStore } from "react";

const PROBE_MS = 1500;

interface State {
  readonly online: boolean;
  /** When the first question went unanswered, in local milliseconds. */
  readonly since: number;
}

let state: State = { online: true, since: 0 };
let probing: ReturnType<typeof setTimeout> | null = null;
const listeners = new Set<() => void>();
const returned = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

async function probe(): Promise<void> {
  probing = null;
  try {
    const response = await fetch("/healthz", { cache: "no-store" });
    if (response.ok) {
      connection.found();
      return;
    }
  } catch {
    // Still away.
  }
  later();
}

function later(): void {
  probing ??= setTimeout(() => void probe(), PROBE_MS);
}

export const connection = {
  lost(): void {
    if (state.online) set({ online: false, since: Date.now() });
    later();
  },
  found(): void {
    if (state.online) return;
    if (probing !== null) clearTimeout(probing);
    probing = null;
    set({ online: true, since: 0 });
    for (const tell of returned) tell();
  },
  /** Calls `tell` whenever the server answers again. */
  onReturn(tell: () => void): () => void {
    returned.add(tell);
    return () => returned.delete(tell);
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): State {
  return useSyncExternalStore(subscribe, () => state);
}
