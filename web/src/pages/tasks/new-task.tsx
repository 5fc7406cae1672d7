/** A new task: what would happen is shown, and what is wrong is said, as one types. */
import {
  Button,
  Checkbox,
  NativeSelect,
  SegmentedControl,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Problem } from "../../api/client.ts";
import { useAccounts } from "../../api/queries.ts";
import { freshKey, useCreateTask, usePreview } from "../../api/work.ts";
import { Card, Failed, PageHead, ui } from "../../components/ui.tsx";
import { ACTIONS } from "../../lib/filters.ts";
import { absolute, number, words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import { EMPTY, type Form, SCHEDULES, SOURCES, toRequest } from "./new-form.ts";
import css from "./page.module.css";

const say = text.newTask;
const PAUSE_MS = 400;

interface Part {
  readonly form: Form;
  readonly change: (by: Partial<Form>) => void;
  readonly wrong: (field: string) => string | null;
}

/** A text field bound to one name of the form. */
function Line({
  name,
  field,
  label,
  hint,
  type = "text",
  ...part
}: Part & {
  name: keyof Form;
  field: string;
  label: string;
  hint?: string;
  type?: string;
}) {
  return (
    <TextInput
      label={label}
      description={hint}
      type={type}
      value={String(part.form[name])}
      onChange={(event) => part.change({ [name]: event.currentTarget.value })}
      error={part.wrong(field)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function Whom(part: Part) {
  const { form, change, wrong } = part;
  const sources = form.kind === "crawl" ? SOURCES.filter((kind) => kind !== "list") : SOURCES;
  const source = form.kind === "crawl" && form.source === "list" ? "followers_of" : form.source;
  return (
    <>
      <div className={css.pair}>
        <NativeSelect
          label={say.source}
          value={source}
          onChange={(event) =>
            change({ source: SOURCES.find((kind) => kind === event.currentTarget.value) ?? "list" })
          }
          data={sources.map((value) => ({
            value,
            label: (text.tasks.sources[value] ?? value).replace(/ ?#$/, ` ${say.hashtag}`),
          }))}
        />
        {source !== "list" && (
          <Line
            {...part}
            name="whom"
            field="source"
            label={source === "hashtag" ? say.hashtag : say.person}
          />
        )}
        {source !== "list" && (
          <Line {...part} name="limit" field="limit" label={say.limit} hint={say.limitHint} />
        )}
      </div>
      {source === "list" && (
        <Textarea
          label={say.targets}
          description={say.targetsHint}
          value={form.targets}
          onChange={(event) => change({ targets: event.currentTarget.value })}
          error={wrong("targets")}
          autosize
          minRows={5}
          maxRows={16}
          spellCheck={false}
        />
      )}
    </>
  );
}

function What(part: Part) {
  const { form, change, wrong } = part;
  return (
    <>
      <Checkbox.Group
        label={say.actions}
        value={form.actions}
        onChange={(chosen) => change({ actions: ACTIONS.filter((a) => chosen.includes(a)) })}
        error={wrong("actions")}
      >
        <div className={css.checks}>
          {ACTIONS.map((action) => (
            <Checkbox key={action} value={action} label={action} />
          ))}
        </div>
      </Checkbox.Group>
      {form.actions.includes("comment") && (
        <Textarea
          label={say.comments}
          description={say.commentsHint}
          value={form.comments}
          onChange={(event) => change({ comments: event.currentTarget.value })}
          error={wrong("comments")}
          autosize
          minRows={3}
        />
      )}
      <Checkbox
        label={say.dry}
        checked={form.dry}
        onChange={(event) => change({ dry: event.currentTarget.checked })}
      />
    </>
  );
}

function When(part: Part) {
  const { form, change } = part;
  const names = { now: say.now, once: say.once, daily: say.daily, cron: say.cron };
  return (
    <div className={css.pair}>
      <NativeSelect
        label={say.schedule}
        value={form.schedule}
        onChange={(event) =>
          change({
            schedule: SCHEDULES.find((kind) => kind === event.currentTarget.value) ?? "now",
          })
        }
        data={SCHEDULES.map((value) => ({ value, label: names[value] }))}
      />
      {form.schedule === "once" && (
        <Line {...part} name="at" field="schedule" label={say.at} type="datetime-local" />
      )}
      {form.schedule === "daily" && (
        <Line {...part} name="time" field="schedule" label={say.at} type="time" />
      )}
      {form.schedule === "cron" && <Line {...part} name="expr" field="schedule" label={say.expr} />}
      {(form.schedule === "daily" || form.schedule === "cron") && (
        <Line
          {...part}
          name="time_zone"
          field="schedule.time_zone"
          label={text.settings.time_zone}
        />
      )}
    </div>
  );
}

function LeaveOut(part: Part) {
  const { form, change } = part;
  return (
    <details className={css.details}>
      <summary>{say.more}</summary>
      <div className={css.form} style={{ marginTop: 12 }}>
        <div className={css.checks}>
          <Checkbox
            label={say.skip_private}
            checked={form.skip_private}
            onChange={(event) => change({ skip_private: event.currentTarget.checked })}
          />
          <Checkbox
            label={say.skip_following}
            checked={form.skip_following}
            onChange={(event) => change({ skip_following: event.currentTarget.checked })}
          />
        </div>
        <div className={css.pair}>
          {(["min_followers", "max_followers"] as const).map((name) => (
            <Line key={name} {...part} name={name} field={`filters.${name}`} label={say[name]} />
          ))}
          {(["bio_excludes", "bio_includes_any"] as const).map((name) => (
            <Line
              key={name}
              {...part}
              name={name}
              field={`filters.${name}`}
              label={say[name]}
              hint={say.wordsHint}
            />
          ))}
        </div>
      </div>
    </details>
  );
}

function Preview({ of }: { of: ReturnType<typeof usePreview> }) {
  const { data } = of;
  if (data === undefined || of.error !== null) return <p className={ui.soft}>{say.previewWait}</p>;
  const refused = Object.entries(data.refused);
  return (
    <div role="status">
      <p>
        {data.people === null || data.people === undefined ? say.crawled : say.people(data.people)}
      </p>
      {data.people != null && (
        <ul>
          {Object.entries(data.engage).map(([action, n]) => (
            <li key={action}>{say.may(n, action)}</li>
          ))}
        </ul>
      )}
      {refused.length > 0 && (
        <>
          <h3>{say.refused}</h3>
          <dl className={ui.facts}>
            {refused.map(([reason, n]) => (
              <div key={reason} style={{ display: "contents" }}>
                <dt>{words(reason)}</dt>
                <dd>{number(n)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {data.due_at != null && (
        <p>
          {say.due}: {absolute(Date.parse(data.due_at))}
        </p>
      )}
    </div>
  );
}

export default function NewTask() {
  const mayAct = useMay("operator");
  const [form, setForm] = useState(EMPTY);
  const [key] = useState(freshKey);
  const accounts = useAccounts().data ?? [];
  const navigate = useNavigate();
  const create = useCreateTask();
  const request = toRequest(form);
  const [asked] = useDebouncedValue(request, PAUSE_MS);
  const preview = usePreview(asked);
  const error = create.error ?? (request === null ? null : preview.error);
  const field = error instanceof Problem ? error.field : null;
  const part: Part = {
    form,
    change: (by) => {
      create.reset();
      setForm({ ...form, ...by });
    },
    // `targets[3]` is at `targets`, `schedule.at` at `schedule`.
    wrong: (name) =>
      field !== null && (field === name || field.replace(/[.[].*$/, "") === name)
        ? (error?.message ?? null)
        : null,
  };
  return (
    <>
      <PageHead title={say.title} lead={say.lead} />
      <form
        className={css.columns}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (request === null) return;
          create.mutate(
            { request, key },
            { onSuccess: ({ id }) => void navigate(`/tasks/${encodeURIComponent(id)}`) },
          );
        }}
      >
        <Card>
          <div className={css.form}>
            <SegmentedControl
              aria-label={say.kind}
              value={form.kind}
              onChange={(kind) => part.change({ kind: kind === "crawl" ? "crawl" : "engage" })}
              data={[
                { value: "engage", label: say.engage },
                { value: "crawl", label: say.crawl },
              ]}
            />
            <div className={css.pair}>
              <TextInput
                label={say.account}
                value={form.account}
                onChange={(event) => part.change({ account: event.currentTarget.value })}
                error={part.wrong("account_id")}
                list="task-accounts"
                autoComplete="off"
                spellCheck={false}
              />
              <datalist id="task-accounts">
                {accounts.slice(0, 500).map(({ account_id }) => (
                  <option key={account_id} value={account_id} />
                ))}
              </datalist>
              <Line {...part} name="name" field="name" label={say.name} />
              <Line
                {...part}
                name="priority"
                field="priority"
                label={say.priority}
                hint={text.tasks.priorityHint}
              />
            </div>
            {form.kind === "engage" && <What {...part} />}
            <Whom {...part} />
            <When {...part} />
            {form.kind === "engage" && <LeaveOut {...part} />}
          </div>
        </Card>
        <div className={css.sticky}>
          <Card title={say.preview}>
            {error !== null && <Failed error={error} />}
            <Preview of={preview} />
            <Button
              type="submit"
              fullWidth
              mt="md"
              disabled={!mayAct || request === null || error !== null}
              title={mayAct ? undefined : text.role.needs("operator")}
              loading={create.isPending}
            >
              {say.submit}
            </Button>
          </Card>
        </div>
      </form>
    </>
  );
}
