/** The phones: can they be reached, who is logged in on them, what are they doing. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";

import {
  type Device,
  pictureOf,
  useDevices,
  usePutDevice,
  useRemoveDevice,
  useTestDevice,
} from "../../api/work.ts";
import { ActDialog } from "../../components/act-dialog.tsx";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, Empty, Failed, PageHead, Tag, type Tone, ui } from "../../components/ui.tsx";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import { DeviceDialog, requestOf } from "./device-dialog.tsx";
import css from "./page.module.css";
import { ScreenDialog } from "./screen-dialog.tsx";
import { TestResult } from "./test-result.tsx";

const say = text.devices;

const TONE: Record<Device["state"], Tone> = {
  unknown: "mute",
  ready: "good",
  busy: "info",
  unreachable: "bad",
  disabled: "mute",
};

function Phone({
  device,
  onChange,
  onLook,
}: {
  device: Device;
  onChange: () => void;
  onLook: () => void;
}) {
  const mayChange = useMay("admin");
  const mayVisit = useMay("operator");
  const test = useTestDevice();
  const put = usePutDevice();
  const remove = useRemoveDevice();
  const [asking, setAsking] = useState(false);
  const id = device.device_id;
  const disabled = device.state === "disabled";
  const title = mayChange ? undefined : text.role.needs("admin");
  return (
    <Card>
      <div className={css.head}>
        <h2>{id}</h2>
        <Tag tone={TONE[device.state]}>{say.states[device.state] ?? device.state}</Tag>
      </div>
      {device.why !== undefined && (
        <p className={css.why}>
          {device.why}
          {device.since !== undefined && (
            <span className={ui.soft}>
              {" "}
              (<Ago at={device.since} />
              {device.failures !== undefined && `, ${say.failures(device.failures)}`})
            </span>
          )}
        </p>
      )}
      <div className={css.body}>
        {device.picture_at != null && (
          <button type="button" className={css.thumb} onClick={onLook}>
            <span className="visually-hidden">{say.lookTitle(id)}, </span>
            <img src={pictureOf(id, device.picture_at)} alt="" />
            <span>
              <Ago at={device.picture_at} />
            </span>
          </button>
        )}
        <dl className={ui.facts}>
          <dt>{say.accounts}</dt>
          <dd>
            {device.account_ids.length === 0 && <span className={ui.soft}>{say.accountsNone}</span>}
            {device.account_ids.map((account, i) => (
              <span key={account}>
                {i > 0 && ", "}
                <Link to={`/accounts/${encodeURIComponent(account)}`}>{account}</Link>
              </span>
            ))}
          </dd>
          <dt>{say.address}</dt>
          <dd className={ui.mono}>{device.url}</dd>
          {device.task !== undefined && (
            <>
              <dt>{say.task}</dt>
              <dd>
                <Link to={`/tasks/${encodeURIComponent(device.task)}`}>{device.task}</Link>
              </dd>
            </>
          )}
          <dt>{say.checked}</dt>
          <dd>
            {device.checked_at === null ? say.never : <Ago at={device.checked_at} />}
            {device.described !== null && <div className={ui.soft}>{device.described}</div>}
          </dd>
        </dl>
      </div>
      {put.error !== null && <Failed error={put.error} />}
      {test.error !== null && <Failed error={test.error} />}
      {test.data !== undefined && <TestResult test={test.data} />}
      <div className={css.buttons}>
        <Button
          size="xs"
          disabled={!mayVisit}
          title={mayVisit ? undefined : text.role.needs("operator")}
          aria-label={`${say.test}: ${id}`}
          loading={test.isPending}
          onClick={() => test.mutate(id)}
        >
          {say.test}
        </Button>
        <Button size="xs" variant="default" aria-label={say.lookTitle(id)} onClick={onLook}>
          {say.look}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!mayChange}
          title={title}
          aria-label={`${say.change} ${id}`}
          onClick={onChange}
        >
          {say.change}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!mayChange}
          title={title}
          loading={put.isPending}
          onClick={() =>
            put.mutate({ device_id: id, request: { ...requestOf(device), disabled: !disabled } })
          }
        >
          {disabled ? say.enable : say.disable}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!mayChange}
          title={title}
          aria-label={`${say.remove} ${id}`}
          onClick={() => setAsking(true)}
        >
          {say.remove}
        </Button>
      </div>
      <ActDialog
        opened={asking}
        title={say.removeTitle(id)}
        body={say.removeBody}
        act={say.remove}
        withNote={false}
        danger
        pending={remove.isPending}
        error={remove.error}
        onAct={() => remove.mutate(id, { onSuccess: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </Card>
  );
}

export default function Devices() {
  const devices = useDevices();
  const mayChange = useMay("admin");
  const [editing, setEditing] = useState<Device | "new" | null>(null);
  const [looking, setLooking] = useState<string | null>(null);
  return (
    <>
      <PageHead title={text.pages.devices} lead={say.lead}>
        <Button
          disabled={!mayChange}
          title={mayChange ? undefined : text.role.needs("admin")}
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setEditing("new")}
        >
          {say.add}
        </Button>
      </PageHead>
      <Answer of={devices}>
        {(items) =>
          items.length === 0 ? (
            <Empty title={say.empty} body={say.emptyBody} />
          ) : (
            <div className={css.cards}>
              {items.map((device) => (
                <Phone
                  key={device.device_id}
                  device={device}
                  onChange={() => setEditing(device)}
                  onLook={() => setLooking(device.device_id)}
                />
              ))}
            </div>
          )
        }
      </Answer>
      {looking !== null && (
        <ScreenDialog
          id={looking}
          taken={devices.data?.find((each) => each.device_id === looking)?.picture_at ?? null}
          onClose={() => setLooking(null)}
        />
      )}
      {editing !== null && (
        <DeviceDialog
          device={editing === "new" ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}
