/** Adds a phone, or changes one. */
import { Button, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { Problem } from "../../api/client.ts";
import { type Device, type DeviceRequest, useAddDevice, usePutDevice } from "../../api/work.ts";
import { Failed } from "../../components/ui.tsx";
import { text } from "../../text.ts";
import css from "./page.module.css";

const say = text.devices;

/** What is asked for to have the phone as it is. */
export function requestOf(device: Device): DeviceRequest {
  return {
    url: device.url,
    udid: device.udid,
    capabilities: device.capabilities,
    account_ids: device.account_ids,
    disabled: device.state === "disabled",
  };
}

function object(typed: string): Record<string, never> | null {
  if (typed.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(typed);
    const good = typeof value === "object" && value !== null && !Array.isArray(value);
    return good ? (value as Record<string, never>) : null;
  } catch {
    return null;
  }
}

export function DeviceDialog({ device, onClose }: { device: Device | null; onClose: () => void }) {
  const change = usePutDevice();
  const add = useAddDevice();
  const put = device === null ? add : change;
  const shown = Object.keys(device?.capabilities ?? {}).length > 0 ? device?.capabilities : null;
  const [form, setForm] = useState({
    url: device?.url ?? "http://127.0.0.1:8100",
    udid: device?.udid ?? "",
    accounts: (device?.account_ids ?? []).join(", "),
    capabilities: shown == null ? "" : JSON.stringify(shown, null, 2),
  });
  const capabilities = object(form.capabilities);
  const field = put.error instanceof Problem ? put.error.field : null;
  const wrong = (name: string) =>
    field !== null && field.replace(/[.[].*$/, "") === name ? put.error?.message : null;
  const line = (name: "url" | "udid" | "accounts", label: string, hint: string, at: string) => (
    <TextInput
      label={label}
      description={hint}
      value={form[name]}
      onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })}
      disabled={name !== "accounts" && device !== null}
      error={wrong(at)}
      autoComplete="off"
      spellCheck={false}
    />
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (capabilities === null) return;
    const request: DeviceRequest = {
      url: form.url.trim(),
      udid: form.udid.trim() === "" ? null : form.udid.trim(),
      capabilities,
      account_ids: form.accounts.split(/[\s,]+/).filter((name) => name !== ""),
      disabled: device?.state === "disabled",
    };
    const done = { onSuccess: onClose };
    if (device === null) add.mutate(request, done);
    else change.mutate({ device_id: device.device_id, request }, done);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={device === null ? say.add : `${say.change} ${device.device_id}`}
      closeButtonProps={{ "aria-label": text.interactions.close }}
    >
      <form onSubmit={submit} className={css.form} noValidate>
        {line("url", say.address, say.addressHint, "url")}
        {line("accounts", say.accounts, say.accountsHint, "account_ids")}
        {line("udid", say.udid, say.udidHint, "udid")}
        <Textarea
          label={say.capabilities}
          description={say.capabilitiesHint}
          value={form.capabilities}
          onChange={(event) => setForm({ ...form, capabilities: event.currentTarget.value })}
          error={capabilities === null ? say.capabilitiesBad : wrong("capabilities")}
          autosize
          minRows={2}
          spellCheck={false}
        />
        {put.error !== null && field === null && <Failed error={put.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {text.accounts.cancel}
          </Button>
          <Button
            type="submit"
            loading={put.isPending}
            disabled={capabilities === null || form.url.trim() === ""}
          >
            {say.save}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
