/** Says who this door is for, before somebody tries it. */
export function LoginNote() {
  return (
    <p className="soulseer-login-note">
      For readers and staff. If you are looking for a reading, the site is the place.
    </p>
  );
}
