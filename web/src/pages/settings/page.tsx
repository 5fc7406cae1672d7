/** The settings: checked as one types, saved as a whole, and never over what somebody else saved. */
import { Button, Group } from "@mantine/core";
import { useState } from "react";

import { Problem } from "../../api/client.ts";
import { useSaveSettings, useSettings, type VersionedSettings } from "../../api/queries.ts";
import { Answer, Failed, Notice, PageHead } from "../../components/ui.tsx";
import { differences } from "../../lib/differences.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import { type Errors, type Form, fromForm, rebase, toForm } from "./form.ts";
import css from "./page.module.css";
import { Sections } from "./sections.tsx";

const say = text.settings;

/** What is being edited: the form, and the version it began from. */
interface Draft {
  readonly base: VersionedSettings;
  readonly form: Form;
}

/** What the server objected to, at the field it named. */
function objections(error: unknown): Errors {
  if (!(error instanceof Problem) || error.field === null || error.status === 412) return {};
  return { [error.field]: error.detail };
}

function Editor({ stored }: { stored: VersionedSettings }) {
  const mayChange = useMay("admin");
  const save = useSaveSettings();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [saved, setSaved] = useState(false);
  const base = draft?.base ?? stored;
  const form = draft?.form ?? toForm(stored.settings);
  const { settings, errors } = fromForm(form, base.settings);
  const changes = draft === null ? [] : differences(base.settings, settings);
  const wrong = Object.keys(errors).length > 0;
  const conflict = save.error instanceof Problem && save.error.status === 412;
  const theirs =
    conflict && stored.etag !== base.etag ? differences(base.settings, stored.settings) : [];
  const shownErrors = { ...objections(save.error), ...errors };
  const elsewhere = save.error !== null && !conflict;

  const change = (by: Partial<Form>) => {
    setSaved(false);
    if (save.isError && !conflict) save.reset();
    setDraft({ base, form: { ...form, ...by } });
  };
  const discard = () => {
    save.reset();
    setDraft(null);
  };
  return (
    <>
      <PageHead title={text.pages.settings} lead={mayChange ? say.lead : say.readOnly} />
      {saved && <Notice tone="good" title={say.saved} live />}
      {conflict && (
        <Notice tone="warn" title={say.conflictTitle} live>
          <p>{say.conflictBody}</p>
          <ul className={css.diff}>
            {theirs.map(({ name, from, to }) => (
              <li key={name}>
                <code>{name}</code>: {from} → <strong>{to}</strong>
                {changes.some((mine) => mine.name === name) &&
                  ` (${say.yours}: ${changes.find((mine) => mine.name === name)?.to ?? ""})`}
              </li>
            ))}
          </ul>
          <Group gap="xs">
            <Button
              size="xs"
              onClick={() => {
                const merged = rebase(settings, base.settings, stored.settings);
                save.reset();
                setDraft({ base: stored, form: toForm(merged) });
              }}
            >
              {say.keepMine}
            </Button>
            <Button size="xs" variant="default" onClick={discard}>
              {say.takeTheirs}
            </Button>
          </Group>
        </Notice>
      )}
      {elsewhere && <Failed error={save.error} />}
      <form
        className={css.columns}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong || changes.length === 0) return;
          save.mutate(
            { etag: base.etag, settings },
            {
              onSuccess: () => {
                setDraft(null);
                setSaved(true);
              },
            },
          );
        }}
      >
        <Sections form={form} errors={shownErrors} disabled={!mayChange} change={change} />
        {(changes.length > 0 || wrong) && (
          <div className={css.bar}>
            <span>{say.changed(Math.max(changes.length, 1))}</span>
            <Button variant="default" onClick={discard}>
              {say.discard}
            </Button>
            <Button type="submit" disabled={wrong || conflict} loading={save.isPending}>
              {say.save}
            </Button>
          </div>
        )}
      </form>
    </>
  );
}

export default function Settings() {
  const settings = useSettings();
  return <Answer of={settings}>{(stored) => <Editor stored={stored} />}</Answer>;
}
