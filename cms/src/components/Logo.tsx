import { Icon } from './Icon.tsx';

/** The sign with the name, above the sign-in form. */
export function Logo() {
  return (
    <div className="soulseer-logo">
      <Icon size={52} />
      <span className="soulseer-logo__name">SoulSeer</span>
      <span className="soulseer-logo__place">Editors’ room</span>
    </div>
  );
}
