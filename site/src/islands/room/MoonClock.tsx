import { litPath } from '../../sky/moon.ts';

interface Props {
  /** From 0 (new) to 1 (full). */
  part: number;
  size?: number;
}

/** A moon that fills with the minute: new when it begins, full when it is over. */
export default function MoonClock({ part, size = 40 }: Props) {
  return (
    <svg className="moon-clock" viewBox="-12 -12 24 24" width={size} height={size} aria-hidden="true">
      <circle r="10.5" className="dark" />
      <path d={litPath(Math.min(0.499, Math.max(0, part) / 2), 10.2)} className="lit" />
    </svg>
  );
}
