import { useEffect, useRef } from 'react';

/** A key of the console and what it does. */
export interface KeyBinding {
  /** One key (`/`, `Escape`), a chord (`ctrl+k`), or a sequence (`g v`). */
  keys: string;
  /** What it does, in the current language, for the help; empty keeps it out of the help. */
  does: string;
  /** Runs it; returning false lets the key go on to the page. */
  run: (event: KeyboardEvent) => unknown;
}

// Long enough for a slow second key, short enough that a stray `g` is forgotten.
const SEQUENCE_MS = 1200;
const OFF_KEY = 'sekisho.keys';

interface Registered {
  current: readonly KeyBinding[];
}

const registered: Registered[] = [];
let pending = '';
let pendingSince = 0;

/** Registers keys while the component is shown. Of equal keys the one registered last runs. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    registered.push(latest);
    if (registered.length === 1) document.addEventListener('keydown', onKeyDown);
    return () => {
      registered.splice(registered.indexOf(latest), 1);
      if (registered.length === 0) document.removeEventListener('keydown', onKeyDown);
    };
  }, []);
}

/** Returns the keys that work now, for the help. */
export function currentKeys(): KeyBinding[] {
  const seen = new Set<string>();
  const keys: KeyBinding[] = [];
  for (const { current } of [...registered].reverse()) {
    for (const binding of current) {
      if (seen.has(binding.keys)) continue;
      seen.add(binding.keys);
      if (binding.does !== '') keys.push(binding);
    }
  }
  return keys;
}

/** Returns whether single letters are keys; speech control needs them off. */
export function areLettersOn(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) !== 'off';
  } catch {
    return true;
  }
}

/** Turns single letters as keys on or off, and keeps that. */
export function setLettersOn(isOn: boolean): void {
  try {
    localStorage.setItem(OFF_KEY, isOn ? 'on' : 'off');
  } catch {
    // Storage may be refused; letters then stay on.
  }
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const pressed = nameOf(event);
  const isChord = event.ctrlKey || event.metaKey || event.altKey;
  if (!isChord && pressed.length === 1 && (isTyping(event.target) || !areLettersOn())) return;
  // An open modal dialog has the keyboard to itself.
  if (document.querySelector('dialog:modal') !== null) return;

  const isLate = event.timeStamp - pendingSince > SEQUENCE_MS;
  const wanted = pending !== '' && !isLate ? `${pending} ${pressed}` : pressed;
  pending = '';
  const found = find(wanted) ?? (wanted === pressed ? undefined : find(pressed));
  if (found !== undefined) {
    if (found.run(event) !== false) event.preventDefault();
    return;
  }
  if (startsSequence(pressed)) {
    pending = pressed;
    pendingSince = event.timeStamp;
    event.preventDefault();
  }
}

function find(keys: string): KeyBinding | undefined {
  for (const { current } of [...registered].reverse()) {
    const binding = current.find((candidate) => candidate.keys === keys);
    if (binding !== undefined) return binding;
  }
  return undefined;
}

function startsSequence(pressed: string): boolean {
  return registered.some(({ current }) => current.some((binding) => binding.keys.startsWith(`${pressed} `)));
}

function nameOf(event: KeyboardEvent): string {
  const chord = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
  return chord + (event.key.length === 1 && chord !== '' ? event.key.toLowerCase() : event.key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select')
  );
}
