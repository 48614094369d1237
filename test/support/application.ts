import type { Page } from 'playwright';

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

/** On `/become-a-reader`, as somebody who is signed in: fills the form, the rest of it with what will do, and sends it. */
export async function sendApplication(
  page: Page,
  said: { name: string; headline: string; biography: string; portrait: string; document: string },
): Promise<void> {
  await page.locator('#name').fill(said.name);
  await page.locator('#headline').fill(said.headline);
  await page.locator('#biography').fill(said.biography);
  await page.locator('input[name=specialities]').first().check();
  await page.locator('select[name=languages]').first().selectOption('en');
  await page.locator('#years_of_experience').fill('7');
  await page.locator('#country').selectOption('IE');
  await page.locator('#time_zone').selectOption('Europe/Dublin');
  await page.locator('input[name=rate_chat]').fill('2.50');
  // Any real picture will do.
  const buffer = await page.screenshot({ type: 'jpeg' });
  await page.locator('#portrait').setInputFiles({ name: said.portrait, mimeType: 'image/jpeg', buffer });
  await page
    .locator('#documents')
    .setInputFiles({ name: said.document, mimeType: 'application/pdf', buffer: PDF });
  await page.getByRole('button', { name: 'Send the application' }).click();
  await page.getByRole('heading', { name: 'Your application is with us' }).waitFor();
}
