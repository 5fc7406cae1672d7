/** Is the log whole, and who changed what by hand. */
import { Button } from "@mantine/core";

import { useAdminLog } from "../../api/queries.ts";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, PageHead, ui } from "../../components/ui.tsx";
import { differences } from "../../lib/differences.ts";
import { words } from "../../lib/format.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Verify } from "./verify.tsx";

const say = text.audit;

function Changed({ before, after }: { before: unknown; after: unknown }) {
  const changes = differences(before, after);
  if (changes.length === 0) return null;
  return (
    <details>
      <summary>{say.change}</summary>
      <ul className={`${css.diff} ${ui.mono}`} style={{ listStyle: "none" }}>
        {changes.map(({ name, from, to }) => (
          <li key={name} style={{ border: 0, padding: 0 }}>
            {name}: {from} → {to}
          </li>
        ))}
      </ul>
    </details>
  );
}

function AdminLog() {
  const log = useAdminLog();
  return (
    <Card title={say.log}>
      <Answer of={log}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          if (entries.length === 0) return <p className={ui.soft}>{say.logEmpty}</p>;
          return (
            <ol className={css.log}>
              {entries.map((entry, i) => (
                <li key={`${entry.ts} ${i}`}>
                  <div className={css.head}>
                    <strong>{words(entry.what)}</strong>
                    <span className={css.subject} title={entry.subject}>
                      {entry.subject}
                    </span>
                    <span className={ui.soft}>{entry.who}</span>
                    <Ago at={entry.ts} />
                  </div>
                  {entry.note != null && <p className={css.note}>{entry.note}</p>}
                  <Changed before={entry.before} after={entry.after} />
                </li>
              ))}
            </ol>
          );
        }}
      </Answer>
      {log.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          {say.more}
        </Button>
      )}
    </Card>
  );
}

export default function Audit() {
  return (
    <>
      <PageHead title={text.pages.audit} lead={say.lead} />
      <div className={ui.grid}>
        <Verify />
        <AdminLog />
      </div>
    </>
  );
}
