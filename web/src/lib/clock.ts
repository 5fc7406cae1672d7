/**
 * The server's time, which every wait is judged by. It is counted on from the last answer by a clock
 * that nobody can set, so a wrong or changed clock of this machine never shows in a countdown.
 */
import { useSyncExternalStore } from "react";

let server = Date.now();
let at = performance.now();
let tick = 0;
const listeners = new Set<() => void>();

/** What the server's clock showed half-way between asking and the answer. */
export function syncClock(iso: string, asked: number): void {
  const now = performance.now();
  const shown = Date.parse(iso);
  if (Number.isNaN(shown)) return;
  server = shown + (now - asked) / 2;
  at = now;
  tell();
}

/** The server's time in milliseconds. */
export function serverNow(): number {
  return server + (performance.now() - at);
}

function tell(): void {
  tick = Math.floor(serverNow() / 1000);
  for (const listener of listeners) listener();
}

setInterval(() => {
  if (listeners.size > 0) tell();
}, 250);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Renders again each second; the value is whole seconds of the server's time. */
export function useSeconds(): number {
  return useSyncExternalStore(subscribe, () => {
    if (listeners.size === 0 || tick === 0) tick = Math.floor(serverNow() / 1000);
    return tick;
  });
}
