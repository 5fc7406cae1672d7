/** What happens, as it happens: one line to the server for all pages. It comes back by itself. */
import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Schema } from "../api/client.ts";
import { connection } from "./connection.ts";

export type Event = Schema["Event"];
type Listener = (event: Event) => void;
/** Tasks and alerts come as they are now, however often they changed in between. */
interface Told {
  readonly task: Schema["Task"];
  readonly alert: Schema["Alert"];
}

const AGAIN_MS = 2000;
/** Ids remembered, because an event may be told twice after an interruption. */
const REMEMBERED = 5000;
/** Events kept for the feed. */
const KEPT = 50;

const listeners = new Set<Listener>();
const feedListeners = new Set<() => void>();
const toldListeners = {
  task: new Set<(task: Told["task"]) => void>(),
  alert: new Set<(alert: Told["alert"]) => void>(),
};
const seen = new Set<string>();
let feed: readonly Event[] = [];
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | null = null;

function hear(message: MessageEvent<string>): void {
  connection.found();
  const event = JSON.parse(message.data) as Event;
  if (seen.has(event.id)) return;
  seen.add(event.id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value ?? "");
  feed = [event, ...feed].slice(0, KEPT);
  for (const listener of feedListeners) listener();
  for (const listener of listeners) listener(event);
}

function open(): void {
  again = null;
  source = new EventSource("/api/stream");
  source.addEventListener("interaction", hear);
  source.addEventListener("task", (message: MessageEvent<string>) => {
    const task = JSON.parse(message.data) as Told["task"];
    for (const listener of toldListeners.task) listener(task);
  });
  source.addEventListener("alert", (message: MessageEvent<string>) => {
    const alert = JSON.parse(message.data) as Told["alert"];
    for (const listener of toldListeners.alert) listener(alert);
  });
  source.onopen = () => connection.found();
  source.onerror = () => {
    // The browser tries again by itself unless the server refused; then it is on us.
    if (source?.readyState === EventSource.CLOSED) {
      again ??= setTimeout(open, AGAIN_MS);
    }
  };
}

/** Begins to listen; done once there is somebody who may. */
export function startStream(): () => void {
  open();
  return () => {
    if (again !== null) clearTimeout(again);
    again = null;
    source?.close();
    source = null;
  };
}

/** Calls `listener` with each event as it happens. */
export function useStream(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const each: Listener = (event) => latest.current(event);
    listeners.add(each);
    return () => {
      listeners.delete(each);
    };
  }, []);
}

/** Calls `listener` with each task, or alert, that changed. */
export function useTold<Kind extends keyof Told>(
  kind: Kind,
  listener: (told: Told[Kind]) => void,
): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const each = (told: Told[Kind]) => latest.current(told);
    const all = toldListeners[kind] as Set<typeof each>;
    all.add(each);
    return () => {
      all.delete(each);
    };
  }, [kind]);
}

/** What happened since the page was opened, newest first. */
export function useFeed(): readonly Event[] {
  return useSyncExternalStore(
    (tell) => {
      feedListeners.add(tell);
      return () => feedListeners.delete(tell);
    },
    () => feed,
  );
}

/** Calls `act` at most once every `ms` however many events come, and always after the last. */
export function useStreamThrottled(act: () => void, ms: number): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(act);
  latest.current = act;
  useStream(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      latest.current();
    }, ms);
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
}
