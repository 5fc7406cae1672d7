/** The small parts every page is made of. */
import { Button, Loader } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconHandStop,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

import { text } from "../text.ts";
import css from "./ui.module.css";

export type Tone = "good" | "warn" | "bad" | "info" | "mute";

export function Tag({
  tone,
  children,
  title,
}: {
  tone: Tone;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={`${css.tag} ${css[tone]}`} title={title}>
      {children}
    </span>
  );
}

const STATUS_TONE: Record<string, Tone> = {
  success: "good",
  failed: "bad",
  skipped: "mute",
  retry: "warn",
  dedupe_hit: "info",
};

export function StatusTag({ status }: { status: string }) {
  return (
    <Tag tone={STATUS_TONE[status] ?? "mute"} title={text.statusMeaning[status] ?? status}>
      {text.statuses[status] ?? status}
    </Tag>
  );
}

const STATE_TONE: Record<string, Tone> = {
  active: "good",
  backoff: "warn",
  cooldown: "warn",
  halted: "bad",
};

export function StateTag({ state }: { state: string }) {
  return (
    <Tag tone={STATE_TONE[state] ?? "mute"} title={text.stateMeaning[state] ?? state}>
      {text.accountStates[state] ?? state}
    </Tag>
  );
}

export function PageHead({
  title,
  lead,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className={css.pageHead}>
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p className={css.lead}>{lead}</p>}
      </div>
      {children !== undefined && <div className={css.actions}>{children}</div>}
    </header>
  );
}

export function Card({
  title,
  note,
  aside,
  children,
}: {
  title?: ReactNode;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={css.card}>
      {title !== undefined && (
        <div className={css.cardHead}>
          <div>
            <h2>{title}</h2>
            {note !== undefined && <p className={css.lead}>{note}</p>}
          </div>
          {aside !== undefined && <div>{aside}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

const NOTICE_ICON = {
  good: IconCircleCheck,
  warn: IconAlertTriangle,
  bad: IconHandStop,
  info: IconInfoCircle,
  mute: IconInfoCircle,
} as const;

/** What a person should know; `live` has a screen reader say it at once. */
export function Notice({
  tone,
  title,
  live = false,
  children,
}: {
  tone: Tone;
  title: ReactNode;
  live?: boolean;
  children?: ReactNode;
}) {
  const Icon = NOTICE_ICON[tone];
  return (
    <div className={`${css.notice} ${css[tone]}`} {...(live ? { role: "status" } : {})}>
      <Icon size={22} stroke={1.8} aria-hidden />
      <div className={css.noticeBody}>
        <h2>{title}</h2>
        {children}
      </div>
    </div>
  );
}

export function Loading() {
  return (
    <div className={css.empty} role="status">
      <Loader size="sm" type="dots" aria-hidden />
      <span className="visually-hidden">{text.states.loading}</span>
    </div>
  );
}

export function Empty({
  title,
  body,
  page = false,
  children,
}: {
  title: string;
  body?: ReactNode;
  /** Whether this is all there is on the page. */
  page?: boolean;
  children?: ReactNode;
}) {
  const Heading = page ? "h1" : "h2";
  return (
    <div className={css.empty}>
      <Heading>{title}</Heading>
      {body !== undefined && <p>{body}</p>}
      {children}
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const said = error instanceof Error ? error.message : String(error);
  return (
    <Notice tone="bad" title={text.states.error} live>
      <p>{said}</p>
      {again !== undefined && (
        <Button mt="xs" size="xs" variant="default" onClick={again}>
          {text.states.again}
        </Button>
      )}
    </Notice>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

/** Loading, then an error or the data. Data that is there stays while it is asked for again. */
export function Answer<T>({
  of,
  children,
}: {
  of: Asked<T>;
  children: (data: T) => ReactNode;
}): ReactNode {
  if (of.data !== undefined) return children(of.data);
  if (of.error !== null && of.error !== undefined) {
    return <Failed error={of.error} again={() => void of.refetch()} />;
  }
  return <Loading />;
}

export { css as ui };
