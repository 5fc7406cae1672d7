/** What the list of tasks and the page of one task share. */
import { Button, Progress } from "@mantine/core";
import { useState } from "react";

import { type Task, type TaskAct, useTaskAct } from "../../api/work.ts";
import { ActDialog } from "../../components/act-dialog.tsx";
import { Countdown } from "../../components/time.tsx";
import { Failed, Tag, type Tone, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";

const say = text.tasks;

const TONE: Record<Task["state"], Tone> = {
  queued: "mute",
  running: "info",
  paused: "warn",
  waiting: "warn",
  succeeded: "good",
  failed: "bad",
  cancelled: "mute",
};

export const ENDED: readonly Task["state"][] = ["succeeded", "failed", "cancelled"];

export function TaskTag({ state }: { state: Task["state"] }) {
  return <Tag tone={TONE[state]}>{say.states[state] ?? state}</Tag>;
}

/** What it does to whom, in words. */
export function describe(spec: Task["spec"]): string {
  const source = spec.source;
  const kind = source?.kind ?? "list";
  const whom = source?.username ?? source?.hashtag ?? "";
  const people = `${say.sources[kind] ?? kind}${kind === "hashtag" ? "" : " "}${whom}`.trim();
  return spec.kind === "crawl"
    ? `${say.crawl} ${people}`
    : `${(spec.actions ?? []).join(", ")}: ${people}`;
}

/** Where it stands: what it waits for, until when, or why it failed. */
export function Stand({ task }: { task: Task }) {
  return (
    <div>
      <TaskTag state={task.state} />{" "}
      {task.wish !== null && <span className={ui.soft}>{say.wish[task.wish] ?? task.wish}</span>}
      {task.state === "waiting" && (
        <div className={ui.soft}>
          {say.waits[task.reason ?? ""] ?? words(task.reason ?? "")}
          {task.until != null && (
            <>
              {" · "}
              <Countdown until={task.until} />
            </>
          )}
        </div>
      )}
      {task.state === "running" && task.device_id !== undefined && (
        <div className={ui.soft}>{task.device_id}</div>
      )}
      {task.state === "failed" && <div className={ui.soft}>{task.why}</div>}
    </div>
  );
}

export function Bar({ task }: { task: Task }) {
  const { candidates, done } = task.progress;
  const crawl = task.spec.kind === "crawl";
  const limit = task.spec.limit ?? null;
  const share = crawl
    ? limit === null
      ? task.state === "succeeded"
        ? 1
        : 0
      : candidates / limit
    : candidates === 0
      ? 0
      : done / candidates;
  return (
    <div>
      <Progress value={Math.min(1, share) * 100} size="sm" aria-label={describe(task.spec)} />
      <span className={ui.soft}>
        {crawl ? say.found(candidates) : say.progress(done, candidates)}
      </span>
    </div>
  );
}

/** What may be done to it in its state. */
export function TaskActs({ task, size = "xs" }: { task: Task; size?: "xs" | "sm" }) {
  const mayAct = useMay("operator");
  const act = useTaskAct();
  const [asking, setAsking] = useState(false);
  if (ENDED.includes(task.state)) return null;
  const resumable = task.state === "paused" || task.state === "waiting";
  const offered: TaskAct[] = [
    ...(resumable ? (["resume"] as const) : []),
    ...(task.state === "paused" ? [] : (["pause"] as const)),
    "cancel",
  ];
  return (
    <>
      {offered.map((name) => (
        <Button
          key={name}
          size={size}
          variant="default"
          disabled={!mayAct}
          title={mayAct ? undefined : text.role.needs("operator")}
          loading={act.isPending && act.variables.act === name}
          onClick={() =>
            name === "cancel" ? setAsking(true) : act.mutate({ task_id: task.id, act: name })
          }
        >
          {say[name]}
        </Button>
      ))}
      {act.error !== null && !asking && <Failed error={act.error} />}
      <ActDialog
        opened={asking}
        title={say.cancelTitle}
        body={say.cancelBody}
        act={say.cancel}
        no={say.keep}
        withNote={false}
        danger
        pending={act.isPending}
        error={act.error}
        onAct={() =>
          act.mutate({ task_id: task.id, act: "cancel" }, { onSuccess: () => setAsking(false) })
        }
        onClose={() => setAsking(false)}
      />
    </>
  );
}
