/** What is known of a person; suppress them, erase them. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { useErase, useSuppress, useTarget } from "../../api/queries.ts";
import { ActDialog } from "../../components/act-dialog.tsx";
import { EventTable } from "../../components/event-table.tsx";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, Notice, PageHead, Tag, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Suppressions } from "./suppressions.tsx";

const say = text.people;

/** The name as it is compared: without `@`, in small letters. */
function normal(typed: string): string {
  return typed.normalize("NFKC").trim().replace(/^@/, "").toLowerCase();
}

function Search({ name }: { name: string }) {
  const navigate = useNavigate();
  const { state } = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(name);
  const [bad, setBad] = useState(false);
  useEffect(() => setTyped(name), [name]);
  const find = (state as { find?: number } | null)?.find;
  useEffect(() => {
    if (find !== undefined || name === "") field.current?.select();
  }, [find, name]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = normal(typed);
    const good = /^[a-z0-9._]{1,30}$/.test(wanted);
    setBad(!good);
    if (good) void navigate(`/people/${encodeURIComponent(wanted)}`);
  };
  return (
    <form onSubmit={submit} className={css.search} role="search">
      <TextInput
        ref={field}
        label={say.search}
        description={say.searchHint}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setBad(false);
        }}
        error={bad ? say.bad : null}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <Button type="submit">{say.look}</Button>
    </form>
  );
}

function SuppressButton({ name, suppressed }: { name: string; suppressed: boolean }) {
  const mayAct = useMay("operator");
  const [asking, setAsking] = useState(false);
  const suppress = useSuppress();
  return (
    <>
      <Button
        variant="default"
        disabled={!mayAct || suppressed}
        title={mayAct ? undefined : text.role.needs("operator")}
        onClick={() => setAsking(true)}
      >
        {say.suppress}
      </Button>
      <ActDialog
        opened={asking}
        title={say.suppressTitle(name)}
        body={say.suppressBody}
        act={say.suppress}
        noteLabel={say.suppressNote}
        noteNeeded={false}
        danger
        pending={suppress.isPending}
        error={suppress.error}
        onAct={(note) =>
          suppress.mutate({ targets: [name], note }, { onSuccess: () => setAsking(false) })
        }
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function EraseButton({ name, onErased }: { name: string; onErased: (told: Erased) => void }) {
  const mayErase = useMay("admin");
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const erase = useErase();
  return (
    <>
      <Button
        variant="default"
        disabled={!mayErase}
        title={mayErase ? undefined : text.role.needs("admin")}
        onClick={() => {
          setTyped("");
          erase.reset();
          setAsking(true);
        }}
      >
        {say.erase}
      </Button>
      <ActDialog
        opened={asking}
        title={say.eraseTitle(name)}
        body={say.eraseBody}
        act={say.erase}
        withNote={false}
        danger
        blocked={normal(typed) !== name}
        pending={erase.isPending}
        error={erase.error}
        onAct={() =>
          erase.mutate(name, {
            onSuccess: (told) => {
              setAsking(false);
              onErased(told);
            },
          })
        }
        onClose={() => setAsking(false)}
      >
        <TextInput
          label={say.eraseConfirm(name)}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
      </ActDialog>
    </>
  );
}

type Erased = NonNullable<ReturnType<typeof useErase>["data"]>;

function Known({ name }: { name: string }) {
  const target = useTarget(name);
  const [erased, setErased] = useState<Erased | null>(null);
  return (
    <>
      {erased !== null && (
        <Notice tone="good" title={say.erased(erased.events, erased.rows)} live>
          {erased.candidates > 0 && <p>{say.candidates(erased.candidates)}</p>}
          {erased.traces.length > 0 && (
            <>
              <p>{say.traces}:</p>
              <ul>
                {erased.traces.map((trace) => (
                  <li key={trace}>{trace}</li>
                ))}
              </ul>
            </>
          )}
        </Notice>
      )}
      <Answer of={target}>
        {(known) => (
          <>
            <PageHead
              title={known.target_username}
              lead={
                known.suppressed ? (
                  <Tag tone="bad">{say.suppressed}</Tag>
                ) : (
                  <Tag tone="mute">{say.notSuppressed}</Tag>
                )
              }
            >
              <SuppressButton name={name} suppressed={known.suppressed} />
              <EraseButton name={name} onErased={setErased} />
            </PageHead>
            <div className={css.grid}>
              <Card title={say.may}>
                {known.accounts.length === 0 ? (
                  <p className={ui.soft}>{say.mayNone}</p>
                ) : (
                  <div className={ui.tableScroll} tabIndex={0} role="region" aria-label={say.may}>
                    <table className={ui.table}>
                      <thead>
                        <tr>
                          <th scope="col">{say.account}</th>
                          <th scope="col">{text.interactions.action}</th>
                          <th scope="col">{say.may}</th>
                          <th scope="col">{text.interactions.reason}</th>
                          <th scope="col">{say.again}</th>
                        </tr>
                      </thead>
                      <tbody>
                        {known.accounts.map((each) => (
                          <tr key={`${each.account_id} ${each.action}`}>
                            <td>
                              <Link to={`/accounts/${encodeURIComponent(each.account_id)}`}>
                                {each.account_id}
                              </Link>
                            </td>
                            <td>{each.action}</td>
                            <td>
                              <Tag tone={each.engage ? "good" : "info"}>
                                {each.engage ? say.yes : say.no}
                              </Tag>
                            </td>
                            <td>{each.reason != null && words(each.reason)}</td>
                            <td>{each.retry_at != null && <Ago at={each.retry_at} />}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
              </Card>
              <Card
                title={say.history}
                aside={
                  <Link to={`/interactions?target_username=${encodeURIComponent(name)}`}>
                    {say.inLog}
                  </Link>
                }
              >
                {known.events.length === 0 ? (
                  <p className={ui.soft}>{say.historyNone}</p>
                ) : (
                  <EventTable
                    events={known.events}
                    columns={["ts", "account_id", "action", "status", "reason"]}
                  />
                )}
                {known.next_cursor !== null && <p className={ui.soft}>{say.more}</p>}
              </Card>
            </div>
          </>
        )}
      </Answer>
    </>
  );
}

export default function People() {
  const name = normal(useParams()["name"] ?? "");
  return (
    <>
      {name === "" && <PageHead title={text.pages.people} lead={say.lead} />}
      <Search name={name} />
      {name === "" ? <Suppressions /> : <Known key={name} name={name} />}
    </>
  );
}
