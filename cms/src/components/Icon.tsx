/** SoulSeer's sign, small: an eye that is a rising sun. The same drawing as public/icon.svg. */
export function Icon({ size = 28 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      role="img"
      aria-label="SoulSeer"
      className="soulseer-icon"
    >
      <path
        d="M2 18C7 10 11.500 7 16 7s9 3 14 11c-5 6-9.500 8-14 8S7 24 2 18Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="17" r="5" className="soulseer-icon__sun" />
      <path
        d="M16 1v3M8 3l1.300 2.600M24 3l-1.300 2.600"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
