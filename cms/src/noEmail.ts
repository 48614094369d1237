import type { EmailAdapter } from 'payload';

/** The CMS sends no mail (realtime does). Payload would otherwise pretend, by writing messages to the console. */
export const noEmail: EmailAdapter = () => ({
  name: 'none',
  defaultFromAddress: 'nobody@invalid',
  defaultFromName: 'SoulSeer',
  sendEmail: () => Promise.reject(new Error('The CMS sends no mail.')),
});
