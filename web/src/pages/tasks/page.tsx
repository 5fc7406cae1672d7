/** Every task, newest first: where it stands, what it waits for, how far it is. */
import { Button, NativeSelect } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";

import { type TaskQuery, type TaskState, useTasks } from "../../api/work.ts";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, Empty, PageHead, Tag, ui } from "../../components/ui.tsx";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Bar, describe, Stand, TaskActs } from "./parts.tsx";

const say = text.tasks;

export default function Tasks() {
  const [params, setParams] = useSearchParams();
  const mayAct = useMay("operator");
  const query: TaskQuery = {};
  const state = params.get("state");
  const account = params.get("account_id");
  if (state !== null && state in say.states) query.state = state as TaskState;
  if (account !== null) query.account_id = account;
  const tasks = useTasks(query);
  const filtered = query.state !== undefined || query.account_id !== undefined;
  return (
    <>
      <PageHead title={text.pages.tasks} lead={say.lead}>
        <NativeSelect
          aria-label={say.state}
          value={query.state ?? ""}
          onChange={(event) => {
            const next = new URLSearchParams(params);
            const value = event.currentTarget.value;
            if (value === "") next.delete("state");
            else next.set("state", value);
            setParams(next, { replace: true });
          }}
          data={[
            { value: "", label: say.anyState },
            ...Object.entries(say.states).map(([value, label]) => ({ value, label })),
          ]}
        />
        {mayAct && (
          <Button component={Link} to="/tasks/new" leftSection={<IconPlus size={16} aria-hidden />}>
            {say.new}
          </Button>
        )}
      </PageHead>
      <Answer of={tasks}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) {
            return filtered ? (
              <Empty title={say.none} />
            ) : (
              <Empty title={say.empty} body={say.emptyBody} />
            );
          }
          return (
            <Card>
              <ul className={css.list}>
                {items.map((task) => (
                  <li key={task.id} className={css.row}>
                    <div>
                      <Link to={`/tasks/${encodeURIComponent(task.id)}`} className={css.name}>
                        {task.spec.name ?? describe(task.spec)}
                      </Link>
                      <div className={ui.soft}>
                        {task.spec.account_id} · <Ago at={task.created_at} />
                        {task.spec.dry_run === true && (
                          <>
                            {" "}
                            <Tag tone="info">{say.dry}</Tag>
                          </>
                        )}
                      </div>
                    </div>
                    <Stand task={task} />
                    <Bar task={task} />
                    <div className={css.buttons}>
                      <TaskActs task={task} />
                    </div>
                  </li>
                ))}
              </ul>
              {tasks.hasNextPage && (
                <Button
                  variant="default"
                  size="xs"
                  mt="xl"
                  loading={tasks.isFetchingNextPage}
                  onClick={() => void tasks.fetchNextPage()}
                >
                  {say.more}
                </Button>
              )}
            </Card>
          );
        }}
      </Answer>
    </>
  );
}
