/** One task: where it stands, how far it is, and what became of each person. */
import { Button, Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { Problem } from "../../api/client.ts";
import {
  type Candidate,
  type Task as TaskShown,
  useCandidates,
  useCloneTask,
  useMoveTask,
  useTask,
} from "../../api/work.ts";
import { Person } from "../../components/person.tsx";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, Empty, Failed, PageHead, StatusTag, Tag, ui } from "../../components/ui.tsx";
import { number, words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Bar, describe, ENDED, Stand, TaskActs } from "./parts.tsx";

const say = text.tasks;

function Priority({ task }: { task: TaskShown }) {
  const mayAct = useMay("operator");
  const move = useMoveTask();
  const [typed, setTyped] = useState(String(task.spec.priority ?? 0));
  const good = /^-?\d{1,5}$/.test(typed.trim()) && Math.abs(Number(typed)) <= 32_767;
  if (ENDED.includes(task.state)) return null;
  const send = (ord: number) => move.mutate({ task_id: task.id, priority: Number(typed), ord });
  return (
    <>
      <div className={css.priority}>
        <TextInput
          label={say.priority}
          title={say.priorityHint}
          inputMode="numeric"
          value={typed}
          disabled={!mayAct}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button variant="default" disabled={!mayAct || !good} onClick={() => send(task.ord)}>
          {say.setPriority}
        </Button>
        <Button variant="default" disabled={!mayAct || !good} onClick={() => send(1)}>
          {say.first}
        </Button>
      </div>
      {move.error !== null && <Failed error={move.error} />}
    </>
  );
}

function Became({ of }: { of: Candidate }) {
  if (of.state === "done" && of.status !== undefined) return <StatusTag status={of.status} />;
  const name = {
    open: say.open,
    done: say.done,
    refused: say.refused,
    passed_over: say.passed_over,
  };
  return <Tag tone={of.state === "open" ? "mute" : "info"}>{name[of.state].toLowerCase()}</Tag>;
}

function People({ id }: { id: string }) {
  const [openOnly, setOpenOnly] = useState(false);
  const [before, setBefore] = useState<(string | null)[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const people = useCandidates(id, openOnly, cursor);
  return (
    <Card
      title={say.people}
      aside={
        <Checkbox
          label={say.openOnly}
          checked={openOnly}
          onChange={(event) => {
            setOpenOnly(event.currentTarget.checked);
            setCursor(null);
            setBefore([]);
          }}
        />
      }
    >
      <Answer of={people}>
        {({ items, next_cursor }) => (
          <>
            {items.length === 0 && <p className={ui.soft}>{say.peopleNone}</p>}
            {items.length > 0 && (
              <div className={ui.tableScroll} tabIndex={0} role="region" aria-label={say.people}>
                <table className={ui.table}>
                  <thead>
                    <tr>
                      <th scope="col">{say.place}</th>
                      <th scope="col">{text.interactions.target}</th>
                      <th scope="col">{say.became}</th>
                      <th scope="col">{say.why}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {(items as Candidate[]).map((candidate) => (
                      <tr key={candidate.ord}>
                        <td>{number(candidate.ord)}</td>
                        <td>
                          <Person name={candidate.username} />
                        </td>
                        <td>
                          <Became of={candidate} />
                        </td>
                        <td>{candidate.reason != null && words(candidate.reason)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            <div className={ui.actions}>
              {before.length > 0 && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    setCursor(before.at(-1) ?? null);
                    setBefore(before.slice(0, -1));
                  }}
                >
                  {text.interactions.previous}
                </Button>
              )}
              {next_cursor !== null && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    setBefore([...before, cursor]);
                    setCursor(next_cursor);
                  }}
                >
                  {text.interactions.next}
                </Button>
              )}
            </div>
          </>
        )}
      </Answer>
    </Card>
  );
}

function Shown({ task }: { task: TaskShown }) {
  const clone = useCloneTask();
  const navigate = useNavigate();
  const mayAct = useMay("operator");
  const { progress } = task;
  const counts: [string, number][] = [
    [say.engaged, progress.engaged],
    [say.skipped, progress.skipped],
    [say.failed, progress.failed],
    [say.refused, progress.refused],
    [say.left, progress.left],
  ];
  const times: [string, string | null][] = [
    [say.submitted, task.created_at],
    [say.started, task.started_at],
    [say.ended, task.ended_at],
  ];
  return (
    <>
      <PageHead title={task.spec.name ?? describe(task.spec)} lead={describe(task.spec)}>
        <TaskActs task={task} size="sm" />
        <Button
          size="sm"
          variant="default"
          disabled={!mayAct}
          loading={clone.isPending}
          onClick={() =>
            clone.mutate(task.id, {
              onSuccess: ({ id }) => void navigate(`/tasks/${encodeURIComponent(id)}`),
            })
          }
        >
          {say.clone}
        </Button>
      </PageHead>
      {clone.error !== null && <Failed error={clone.error} />}
      <div className={css.columns}>
        <div className={ui.grid}>
          <Card>
            <Stand task={task} />
            <div style={{ marginTop: 12 }}>
              <Bar task={task} />
            </div>
            {task.spec.kind === "engage" && (
              <dl className={css.counts}>
                {counts.map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{number(value)}</dd>
                  </div>
                ))}
              </dl>
            )}
          </Card>
          <People id={task.id} />
        </div>
        <Card>
          <dl className={ui.facts}>
            <dt>{text.interactions.account}</dt>
            <dd>
              <Link to={`/accounts/${encodeURIComponent(task.spec.account_id ?? "")}`}>
                {task.spec.account_id}
              </Link>
            </dd>
            {times
              .filter(([, at]) => at !== null)
              .map(([name, at]) => (
                <div key={name} style={{ display: "contents" }}>
                  <dt>{name}</dt>
                  <dd>
                    <Ago at={at ?? ""} />
                  </dd>
                </div>
              ))}
            {task.device_id !== undefined && (
              <>
                <dt>{say.phone}</dt>
                <dd>{task.device_id}</dd>
              </>
            )}
            {task.worker !== undefined && (
              <>
                <dt>{say.worker}</dt>
                <dd className={ui.mono}>{task.worker}</dd>
              </>
            )}
            <dt>{text.interactions.id}</dt>
            <dd className={ui.mono}>{task.id}</dd>
          </dl>
          <p>
            <Link to={`/interactions?task_id=${encodeURIComponent(task.id)}`}>
              {say.interactions}
            </Link>
          </p>
          <Priority task={task} />
        </Card>
      </div>
    </>
  );
}

export default function Task() {
  const id = useParams()["id"] ?? "";
  const task = useTask(id);
  if (task.error instanceof Problem && task.error.status === 404) {
    return (
      <Empty page title={say.notFound}>
        <Link to="/tasks">{say.back}</Link>
      </Empty>
    );
  }
  return <Answer of={task}>{(shown) => <Shown key={shown.id} task={shown} />}</Answer>;
}
