import type { CollectionConfig, Field } from 'payload';
import { nobody, nobodyField } from '../../access/nobody.ts';
import { staff, staffField } from '../../access/staff.ts';
import { authorFields } from '../../fields/author.ts';
import { wholeNumber } from '../../fields/wholeNumber.ts';
import { MOST_CHARACTERS } from '../../reviews/write.ts';
import { readReviews } from './access/readReviews.ts';
import { forgetFlags, settleFlags } from './hooks/flags.ts';
import { rateAfterChange, rateAfterDelete } from './hooks/rate.ts';
import { tellWriterName } from './hooks/tellWriterName.ts';

/** What people wrote stays as they wrote it: staff show or hide it, and change no word. */
const asWritten: Field[] = (
  [
    wholeNumber({ name: 'stars', min: 1, max: 5, required: true, index: true, admin: { step: 1 } }),
    { name: 'text', type: 'textarea', required: true, maxLength: MOST_CHARACTERS },
    {
      name: 'answer',
      label: 'The reader’s answer',
      type: 'textarea',
      maxLength: MOST_CHARACTERS,
      admin: { description: 'Public, and given once.' },
    },
    {
      name: 'reader',
      type: 'relationship',
      relationTo: 'readers',
      required: true,
      index: true,
      admin: { position: 'sidebar' },
    },
    ...authorFields,
    { name: 'written_at', label: 'Written on', type: 'date', required: true, index: true, admin: dated() },
    { name: 'edited_at', label: 'Edited on', type: 'date', admin: dated('edited_at') },
    { name: 'answered_at', label: 'Answered on', type: 'date', admin: dated('answered_at') },
    {
      name: 'session_id',
      label: 'Session',
      type: 'text',
      required: true,
      unique: true,
      access: { read: staffField },
      admin: { position: 'sidebar' },
    },
    wholeNumber({
      name: 'flags_waiting',
      label: 'Flags to look at',
      min: 0,
      max: 1_000_000,
      required: true,
      defaultValue: 0,
      index: true,
      access: { read: staffField },
      admin: { position: 'sidebar', description: 'How many people flagged it since staff last decided.' },
    }),
  ] satisfies Field[]
).map(
  (field: Field) =>
    ({ ...field, access: { ...('access' in field && field.access), update: nobodyField } }) as Field,
);

const decided: Field[] = [
  {
    name: 'state',
    type: 'select',
    required: true,
    defaultValue: 'shown',
    index: true,
    options: [
      { value: 'shown', label: 'Shown' },
      { value: 'hidden', label: 'Hidden' },
    ],
    admin: { position: 'sidebar', description: 'A hidden review counts for nothing.' },
  },
  {
    name: 'hidden_because',
    label: 'Why it is hidden',
    type: 'textarea',
    maxLength: 500,
    access: { read: staffField },
    admin: { position: 'sidebar', condition: (data) => data?.state === 'hidden' },
  },
];

/**
 * What clients say of readings that they had (S13). They come, are edited, answered and flagged through endpoints of their own
 * (endpoints/reviews.ts), which know who may; the database itself keeps one a session.
 */
export const Reviews: CollectionConfig = {
  slug: 'reviews',
  access: { create: nobody, read: readReviews, update: staff, delete: staff },
  disableDuplicate: true,
  lockDocuments: false,
  defaultSort: '-written_at',
  admin: {
    group: 'Readings',
    useAsTitle: 'text',
    defaultColumns: ['text', 'stars', 'reader', 'state', 'flags_waiting', 'written_at'],
    listSearchableFields: ['text', 'answer'],
    description:
      'What clients say of their readings. Staff may hide a review, or show it again; its words stay its writer’s.',
  },
  hooks: {
    beforeChange: [settleFlags],
    afterChange: [rateAfterChange],
    beforeRead: [tellWriterName],
    beforeDelete: [forgetFlags],
    afterDelete: [rateAfterDelete],
  },
  fields: [...asWritten, ...decided],
};

function dated(name?: string) {
  return {
    position: 'sidebar',
    date: { pickerAppearance: 'dayAndTime' },
    ...(name && { condition: (data: Record<string, unknown>) => Boolean(data?.[name]) }),
  } as const;
}
