/** The sections of the form. Each field is named as the server names it. */
import { ActionIcon, Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { Card, ui } from "../../components/ui.tsx";
import { ACTIONS } from "../../lib/filters.ts";
import { duration, words } from "../../lib/format.ts";
import { text } from "../../text.ts";
import { BackoffPicture } from "./backoff-picture.tsx";
import {
  type CapsName,
  type Errors,
  type Form,
  type NumberName,
  NUMBERS,
  type Rule,
  steps,
} from "./form.ts";
import css from "./page.module.css";

const say = text.settings;

export interface Part {
  readonly form: Form;
  readonly errors: Errors;
  readonly disabled: boolean;
  readonly change: (change: Partial<Form>) => void;
}

const HINTS: Partial<Record<NumberName, string>> = {
  reengagement_days: say.reengagement_days_hint,
  private_retry_days: say.private_retry_days_hint,
  min_seconds_between_actions: say.min_seconds_between_actions_hint,
  retention_days: say.retention_days_hint,
  ramp_hours: say.ramp_hours_hint,
  cache_ttl_seconds: say.cache_ttl_seconds_hint,
  claim_lease_seconds: say.claim_lease_seconds_hint,
};

function NumberField({ name, form, errors, disabled, change }: Part & { name: NumberName }) {
  return (
    <TextInput
      name={name}
      label={say[name]}
      description={HINTS[name]}
      inputMode="numeric"
      value={form[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
      error={errors[name]}
      disabled={disabled}
      autoComplete="off"
      placeholder={`${NUMBERS[name][0]} – ${NUMBERS[name][1]}`}
    />
  );
}

function Windows(part: Part) {
  const days = Number(part.form.reengagement_days);
  const retry = Number(part.form.private_retry_days);
  const good =
    part.errors["reengagement_days"] === undefined &&
    part.errors["private_retry_days"] === undefined;
  return (
    <Card title={say.windows} note={good ? say.summaryWindow(days, retry) : say.windowsLead}>
      <div className={css.fields}>
        <NumberField name="reengagement_days" {...part} />
        <NumberField name="private_retry_days" {...part} />
        <NativeSelect
          name="dedup_scope"
          label={say.dedup_scope}
          value={part.form.dedup_scope}
          disabled={part.disabled}
          onChange={(event) =>
            part.change({
              dedup_scope: event.currentTarget.value === "fleet" ? "fleet" : "account",
            })
          }
          data={[
            { value: "account", label: say.scopeAccount },
            { value: "fleet", label: say.scopeFleet },
          ]}
        />
      </div>
    </Card>
  );
}

function Slowdown(part: Part) {
  const { form, errors, disabled, change } = part;
  const waits = steps(form.rate_limit_steps);
  const wrong = [
    "rate_limit_steps",
    "backoff_jitter",
    "cooldown_after_consecutive",
    "cooldown_minutes",
  ];
  const good = waits !== null && wrong.every((name) => errors[name] === undefined);
  const after = Number(form.cooldown_after_consecutive);
  const jitter = Number(form.backoff_jitter);
  const minutes = Number(form.cooldown_minutes);
  return (
    <Card title={say.slowdown} note={say.slowdownLead}>
      <div className={css.fields}>
        <TextInput
          name="rate_limit_steps"
          label={say.rate_limit_steps}
          description={say.rate_limit_steps_hint}
          value={form.rate_limit_steps}
          onChange={(event) => change({ rate_limit_steps: event.currentTarget.value })}
          error={errors["rate_limit_steps"]}
          disabled={disabled}
          autoComplete="off"
        />
        <TextInput
          name="backoff_jitter"
          label={say.backoff_jitter}
          description={say.backoff_jitter_hint}
          inputMode="decimal"
          value={form.backoff_jitter}
          onChange={(event) => change({ backoff_jitter: event.currentTarget.value })}
          error={errors["backoff_jitter"]}
          disabled={disabled}
          autoComplete="off"
        />
        <NumberField name="cooldown_after_consecutive" {...part} />
        <NumberField name="cooldown_minutes" {...part} />
        <NumberField name="ramp_hours" {...part} />
      </div>
      {good && (
        <>
          <BackoffPicture steps={waits} jitter={jitter} after={after} restSeconds={minutes * 60} />
          <p>
            {say.summary(
              Array.from({ length: Math.max(0, Math.min(after - 1, 6)) }, (_, i) =>
                duration(waits[Math.min(i, waits.length - 1)] ?? 0),
              ),
              after,
              minutes,
              jitter,
            )}
          </p>
        </>
      )}
    </Card>
  );
}

function Budgets({ name, form, errors, disabled, change }: Part & { name: CapsName }) {
  const note = { budgets: say.budgetsLead, fleet_budgets: say.fleetBudgetsLead }[name];
  return (
    <Card title={say[name]} note={note}>
      <table className={css.budgets}>
        <thead>
          <tr>
            <th scope="col">{text.interactions.action}</th>
            <th scope="col">{say.hour}</th>
            <th scope="col">{say.day}</th>
          </tr>
        </thead>
        <tbody>
          {ACTIONS.map((action) => (
            <tr key={action}>
              <th scope="row">{action}</th>
              {(["hour", "day"] as const).map((per) => (
                <td key={per}>
                  <TextInput
                    name={`${name}.${action}.${per}`}
                    aria-label={`${action}, ${say[per]}`}
                    inputMode="numeric"
                    value={form[name][action][per]}
                    placeholder={text.accounts.noCap}
                    onChange={(event) =>
                      change({
                        [name]: {
                          ...form[name],
                          [action]: { ...form[name][action], [per]: event.currentTarget.value },
                        },
                      })
                    }
                    error={errors[`${name}.${action}.${per}`]}
                    disabled={disabled}
                    autoComplete="off"
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Pace(part: Part) {
  const { form, errors, disabled, change } = part;
  const field = (name: "quietFrom" | "quietTo" | "time_zone", label: string, error: string) => (
    <TextInput
      name={name}
      label={label}
      type={name === "time_zone" ? "text" : "time"}
      value={form[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
      error={errors[error]}
      disabled={disabled}
    />
  );
  return (
    <Card title={say.pace} note={say.paceLead}>
      <div className={css.fields}>
        <NumberField name="min_seconds_between_actions" {...part} />
        <Switch
          label={say.quiet}
          description={say.quietHint}
          checked={form.quiet}
          onChange={(event) => change({ quiet: event.currentTarget.checked })}
          disabled={disabled}
          mt={24}
        />
        {form.quiet && (
          <>
            {field("quietFrom", say.quietFrom, "quiet_hours.from")}
            {field("quietTo", say.quietTo, "quiet_hours.to")}
            {field("time_zone", say.time_zone, "quiet_hours.time_zone")}
          </>
        )}
      </div>
    </Card>
  );
}

function Keeping(part: Part) {
  return (
    <Card title={say.keeping} note={say.keepingLead}>
      <div className={css.fields}>
        <NumberField name="retention_days" {...part} />
        <NumberField name="cache_ttl_seconds" {...part} />
        <NumberField name="claim_lease_seconds" {...part} />
      </div>
    </Card>
  );
}

const CLASSES = [
  "rate_limited",
  "action_blocked",
  "challenge",
  "logged_out",
  "account_suspended",
  "private_account",
  "target_unavailable",
  "network",
  "benign",
];

function Rules({ form, errors, disabled, change }: Part) {
  const set = (i: number, by: Partial<Rule>) =>
    change({
      message_rules: form.message_rules.map((rule, j) => (j === i ? { ...rule, ...by } : rule)),
    });
  return (
    <Card title={say.rules} note={say.rulesLead}>
      {form.message_rules.length === 0 && <p className={ui.soft}>{say.rulesNone}</p>}
      {form.message_rules.map((rule, i) => (
        // Rules have no name of their own; their place is what they are known by.
        <div key={i} className={css.rule}>
          <NativeSelect
            label={say.ruleClass}
            value={rule.class}
            disabled={disabled}
            onChange={(event) => set(i, { class: event.currentTarget.value })}
            data={CLASSES.map((value) => ({ value, label: words(value) }))}
          />
          <TextInput
            label={say.ruleLanguage}
            value={rule.language}
            disabled={disabled}
            onChange={(event) => set(i, { language: event.currentTarget.value })}
          />
          <TextInput
            label={say.rulePhrase}
            description={say.rulePhraseHint}
            value={rule.phrase}
            disabled={disabled}
            onChange={(event) => set(i, { phrase: event.currentTarget.value })}
            error={errors[`message_rules[${i}]`]}
          />
          <ActionIcon
            variant="default"
            size={36}
            mt={25}
            disabled={disabled}
            aria-label={say.removeRule(i + 1)}
            onClick={() => change({ message_rules: form.message_rules.filter((_, j) => j !== i) })}
          >
            <IconTrash size={17} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        disabled={disabled}
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() =>
          change({
            message_rules: [
              ...form.message_rules,
              { class: "rate_limited", language: "en", phrase: "" },
            ],
          })
        }
      >
        {say.addRule}
      </Button>
    </Card>
  );
}

export function Sections(part: Part) {
  return (
    <>
      <Windows {...part} />
      <Slowdown {...part} />
      <Budgets name="budgets" {...part} />
      <Budgets name="fleet_budgets" {...part} />
      <Pace {...part} />
      <Keeping {...part} />
      <Rules {...part} />
    </>
  );
}
