import type { CollectionConfig } from 'payload';
import { nobody, nobodyField } from '../../access/nobody.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { panel } from '../../access/panel.ts';
import { staffField } from '../../access/staff.ts';
import { staffOrSelf } from './access/staffOrSelf.ts';
import { closedEndpoints } from './closedEndpoints.ts';
import { keepOwnStanding } from './hooks/keepOwnStanding.ts';
import { mintPersonId } from './hooks/mintPersonId.ts';
import { putOffSessionEnd, tellSessionEnd } from './hooks/sessions.ts';
import { tellDirectory } from './hooks/tellDirectory.ts';

/** What the issuer and the program say, and nobody writes. */
const said = {
  access: { create: nobodyField, update: nobodyField },
  admin: { readOnly: true, position: 'sidebar' },
} as const;

/** Everybody who has an account, with their role. Never public: where a name is shown, it stands on what they wrote. */
export const People = {
  slug: 'people',
  labels: { singular: 'Person', plural: 'People' },
  auth: { disableLocalStrategy: true, useSessions: false, removeTokenFromResponses: true },
  access: {
    admin: panel,
    create: nobody, // they come by signing in, at the issuer
    read: staffOrSelf,
    update: staffOrSelf,
    delete: nobody, // what a person wrote, paid and earned refers to them: suspend instead
  },
  admin: {
    group: 'Accounts',
    useAsTitle: 'display_name',
    defaultColumns: ['display_name', 'email', 'role', 'status'],
    listSearchableFields: ['display_name', 'email'],
    description: 'Accounts of clients, readers and staff. Suspending one takes effect at once.',
    hidden: onlyStaffSees,
  },
  endpoints: closedEndpoints,
  hooks: {
    beforeChange: [keepOwnStanding, mintPersonId],
    afterChange: [tellDirectory],
    me: [tellSessionEnd],
    refresh: [putOffSessionEnd],
  },
  indexes: [{ fields: ['issuer', 'subject'], unique: true }],
  fields: [
    {
      name: 'email',
      type: 'email',
      index: true,
      access: said.access,
      admin: {
        readOnly: true,
        description: 'As the issuer tells it. It is not what an account is known by.',
      },
    },
    {
      name: 'display_name',
      type: 'text',
      required: true,
      maxLength: 60,
      label: 'Name shown to others',
    },
    {
      name: 'role',
      type: 'select',
      required: true,
      defaultValue: 'client',
      index: true,
      options: [
        { value: 'client', label: 'Client' },
        { value: 'reader', label: 'Reader' },
        { value: 'admin', label: 'Administrator' },
      ],
      access: { create: staffField, update: staffField },
      admin: {
        position: 'sidebar',
        description: 'Readers edit their own profile here; administrators everything.',
      },
    },
    {
      name: 'status',
      type: 'select',
      required: true,
      defaultValue: 'active',
      index: true,
      options: [
        { value: 'active', label: 'Active' },
        { value: 'suspended', label: 'Suspended' },
      ],
      access: { create: staffField, update: staffField },
      admin: { position: 'sidebar', description: 'A suspended person can do nothing, from that moment.' },
    },
    {
      name: 'email_verified',
      type: 'checkbox',
      defaultValue: false,
      label: 'Email address verified',
      ...said,
    },
    { name: 'person_id', type: 'text', required: true, unique: true, label: 'Person id', ...said },
    { name: 'issuer', type: 'text', required: true, maxLength: 500, ...said },
    { name: 'subject', type: 'text', required: true, maxLength: 500, ...said },
    { name: 'version', type: 'number', required: true, defaultValue: 1, ...said },
  ],
} satisfies CollectionConfig;
