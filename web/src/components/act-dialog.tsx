/** Asks before something is done by hand, with a note that says why. */
import { Button, Group, Modal, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";

import { text } from "../text.ts";
import { Failed } from "./ui.tsx";

export function ActDialog({
  opened,
  title,
  body,
  act,
  no = text.accounts.cancel,
  danger = false,
  noteLabel = text.accounts.note,
  noteHint = text.accounts.noteHint,
  withNote = true,
  noteNeeded = true,
  blocked = false,
  pending,
  error,
  onAct,
  onClose,
  children,
}: {
  opened: boolean;
  title: string;
  body: ReactNode;
  act: string;
  /** What stands on the way out. */
  no?: string;
  danger?: boolean;
  noteLabel?: string;
  noteHint?: string;
  withNote?: boolean;
  noteNeeded?: boolean;
  blocked?: boolean;
  pending: boolean;
  error: unknown;
  onAct: (note: string) => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  useEffect(() => {
    if (opened) {
      setNote("");
      setTried(false);
    }
  }, [opened]);
  const missing = withNote && noteNeeded && note.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!missing && !blocked) onAct(note.trim());
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ "aria-label": text.interactions.close }}
    >
      <form onSubmit={submit}>
        <p style={{ marginTop: 0 }}>{body}</p>
        {children}
        {withNote && (
          <Textarea
            label={noteLabel}
            description={noteHint}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={1000}
            minRows={2}
            autosize
            data-autofocus
            error={tried && missing ? text.accounts.noteNeeded : null}
          />
        )}
        {error != null && (
          <div style={{ marginTop: 12 }}>
            <Failed error={error} />
          </div>
        )}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            {no}
          </Button>
          <Button
            type="submit"
            loading={pending}
            disabled={blocked}
            {...(danger ? { color: "red.9" } : {})}
          >
            {act}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
