import type { CollectionConfig, Field } from 'payload';
import { nobody } from '../../access/nobody.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffField } from '../../access/staff.ts';
import { staffOrApplicant } from '../../access/staffOrApplicant.ts';
import { countryField } from '../../fields/country.ts';
import { languagesField } from '../../fields/languages.ts';
import { ratesField } from '../../fields/rates.ts';
import { timeZoneField } from '../../fields/timeZone.ts';
import { wholeNumber } from '../../fields/wholeNumber.ts';

/** An object of the private bucket. Its name is the applicant's; the key says nothing. */
const fileFields: Field[] = [
  { name: 'key', type: 'text', required: true },
  { name: 'name', type: 'text', required: true, maxLength: 120 },
  { name: 'type', type: 'text', required: true },
  { name: 'bytes', type: 'number', required: true },
];

/** Nothing of an application is the applicant's to read but how it stands. */
const forStaff = (field: Field): Field => ({ ...field, access: { read: staffField } }) as Field;

/**
 * Who wants to become a reader (A1). An application comes by the site's form and is decided by staff, both through endpoints of
 * its own (endpoints/applications.ts), so nothing here is written by hand. The database itself keeps one open application a person.
 */
export const ReaderApplications: CollectionConfig = {
  slug: 'reader-applications',
  labels: { singular: 'Application', plural: 'Applications' },
  access: {
    create: nobody,
    read: staffOrApplicant,
    update: nobody,
    delete: nobody,
  },
  disableDuplicate: true,
  lockDocuments: false,
  // What waits stands first, the oldest of it on top: the database sorts a select by the order of its options.
  defaultSort: ['status', 'createdAt'],
  admin: {
    group: 'Readings',
    useAsTitle: 'name',
    defaultColumns: ['name', 'status', 'headline', 'country', 'createdAt', 'decided_at'],
    listSearchableFields: ['name', 'headline'],
    description:
      'Who would like to become a reader. Open one to see their documents, and to approve or decline it.',
    hidden: onlyStaffSees,
  },
  fields: [
    {
      name: 'decision',
      type: 'ui',
      admin: { components: { Field: '/components/Application.tsx#Application' }, disableListColumn: true },
    },
    forStaff({ name: 'name', type: 'text', required: true, maxLength: 80 }),
    forStaff({ name: 'headline', type: 'text', required: true, maxLength: 140 }),
    forStaff({ name: 'biography', type: 'textarea', required: true, maxLength: 5_000 }),
    forStaff({
      name: 'specialities',
      type: 'relationship',
      relationTo: 'specialities',
      hasMany: true,
      required: true,
    }),
    forStaff({ ...languagesField, admin: { description: 'The best first.' } }),
    forStaff(
      wholeNumber({
        name: 'years_of_experience',
        label: 'Years of experience',
        min: 0,
        max: 80,
        required: true,
      }),
    ),
    forStaff(ratesField),
    forStaff(timeZoneField),
    forStaff(countryField),
    forStaff({ name: 'portrait', type: 'group', admin: { hidden: true }, fields: fileFields }),
    forStaff({ name: 'documents', type: 'array', admin: { hidden: true }, fields: fileFields }),
    {
      name: 'status',
      type: 'select',
      required: true,
      defaultValue: 'submitted',
      index: true,
      options: [
        { value: 'submitted', label: 'Waiting' },
        { value: 'approved', label: 'Approved' },
        { value: 'declined', label: 'Declined' },
      ],
      admin: { position: 'sidebar' },
    },
    {
      name: 'reason',
      label: 'Why it was declined',
      type: 'textarea',
      maxLength: 2_000,
      admin: { position: 'sidebar', condition: (data) => data?.status === 'declined' },
    },
    forStaff({
      name: 'person',
      type: 'relationship',
      relationTo: 'people',
      required: true,
      index: true,
      admin: { position: 'sidebar' },
    }),
    forStaff({
      name: 'decided_by',
      label: 'Decided by',
      type: 'relationship',
      relationTo: 'people',
      admin: { position: 'sidebar', condition: (data) => data?.status !== 'submitted' },
    }),
    forStaff({
      name: 'decided_at',
      label: 'Decided on',
      type: 'date',
      admin: {
        position: 'sidebar',
        date: { pickerAppearance: 'dayAndTime' },
        condition: (data) => data?.status !== 'submitted',
      },
    }),
  ],
};
