import { describe, expect, it } from 'vitest';
import { MAX_HISTORY, readHistory, remember } from './history';

function memory(initial: string | null = null) {
  let held = initial;
  return {
    getItem: () => held,
    setItem: (_key: string, value: string) => {
      held = value;
    },
  };
}

describe('history', () => {
  it('keeps the newest first, each once, and not without end', () => {
    const storage = memory();
    for (let i = 0; i < MAX_HISTORY + 5; i += 1) remember(storage, `q${i}`);
    remember(storage, 'q20');
    remember(storage, '  ');
    const kept = readHistory(storage);
    expect(kept[0]).toBe('q20');
    expect(kept).toHaveLength(MAX_HISTORY);
    expect(new Set(kept).size).toBe(MAX_HISTORY);
  });

  it('survives storage that holds something else', () => {
    expect(readHistory(memory('{'))).toEqual([]);
    expect(readHistory(memory('{"a":1}'))).toEqual([]);
    expect(readHistory(memory('[1,"a"]'))).toEqual(['a']);
    expect(readHistory(null)).toEqual([]);
  });
});
