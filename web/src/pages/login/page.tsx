/** The door: a token, once. */
import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { Problem } from "../../api/client.ts";
import { useLogin } from "../../api/queries.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

export default function Login() {
  const login = useLogin();
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(token.trim());
  };
  const error = login.error;
  const wrong = error instanceof Problem && error.status === 401;
  return (
    <main className={css.door}>
      <form onSubmit={submit} className={css.form}>
        <img src="/favicon.svg" width={40} height={40} alt="" />
        <h1>{text.login.title}</h1>
        <p>{text.login.body}</p>
        <PasswordInput
          label={text.login.token}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="current-password"
          autoFocus
          error={error === null ? null : wrong ? text.login.wrong : error.message}
        />
        <Button
          type="submit"
          fullWidth
          mt="md"
          loading={login.isPending}
          disabled={token.trim() === ""}
        >
          {text.login.submit}
        </Button>
      </form>
    </main>
  );
}
