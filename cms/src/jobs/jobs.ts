import type { CollectionConfig, Config, Payload } from 'payload';
import { nobody } from '../access/nobody.ts';
import { isStaff } from '../access/person.ts';
import { staff } from '../access/staff.ts';

/**
 * What is to happen later: publishing at a time. Payload keeps it in its own collection, and does it with the access that whoever
 * asked for it has at that time. It is run by our timer alone, never by a request.
 */
export const jobs: NonNullable<Config['jobs']> = {
  access: {
    run: () => false,
    queue: ({ req }) => isStaff(req),
    cancel: ({ req }) => isStaff(req),
  },
  deleteJobOnComplete: true,
  jobsCollectionOverrides: ({ defaultJobsCollection }) =>
    ({
      ...defaultJobsCollection,
      access: { create: nobody, read: staff, update: nobody, delete: staff },
    }) as CollectionConfig,
};

/** Does what is due. Several nodes may: who comes second finds it taken. @returns how many jobs were done. */
export async function runDueJobs(payload: Payload): Promise<number> {
  const { jobStatus = {} } = await payload.jobs.run({ limit: 20, silent: true });
  return Object.keys(jobStatus).length;
}
