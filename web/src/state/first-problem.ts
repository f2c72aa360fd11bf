import { tick } from 'svelte';

/** Brings the first field of a form with which something is wrong to whoever has sent it: the focus has a screen reader say what. */
export async function showFirstProblem(form: HTMLFormElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
