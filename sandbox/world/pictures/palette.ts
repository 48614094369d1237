/** The few inks that every picture is printed with: night observatory and warm paper. */
export const ink = {
  night: '#1d1b3a',
  indigo: '#2e2c5c',
  dusk: '#55689b',
  mist: '#a8b6c9',
  paper: '#f6efe3',
  cream: '#efe2ca',
  sand: '#dfc9a3',
  saffron: '#e7b04f',
  ember: '#d9913a',
  terracotta: '#b7583f',
  rose: '#c88b83',
  blush: '#e6bfae',
  plum: '#573453',
  sage: '#8d9c7c',
  moss: '#4d5f4c',
  teal: '#2e5a66',
  bark: '#4b332b',
} as const;

export type Ink = keyof typeof ink;

const channels = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** A colour between two, `amount` from 0 (all `from`) to 1 (all `to`). */
export function mix(from: string, to: string, amount: number): string {
  const target = channels(to);
  return `#${channels(from)
    .map((value, at) => Math.round(value + ((target[at] as number) - value) * amount))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

export const darker = (hex: string, amount: number) => mix(hex, '#171330', amount);
export const lighter = (hex: string, amount: number) => mix(hex, '#fff3df', amount);
