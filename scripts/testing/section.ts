import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Puts `section` into a page of Markdown, in place of the one of that name; a page that isn't there begins with `introduction`. */
export function writeSection(file: string, introduction: string, name: string, section: string): void {
  const [from, to] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const whole = `${from}${section}${to}`;
  const before = existsSync(file) ? readFileSync(file, 'utf8') : introduction;
  const [begin, end] = [before.indexOf(from), before.indexOf(to)];
  writeFileSync(
    file,
    begin >= 0 && end > begin
      ? `${before.slice(0, begin)}${whole}${before.slice(end + to.length)}`
      : `${before}\n${whole}`,
  );
}
