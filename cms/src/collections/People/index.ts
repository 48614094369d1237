import type { CollectionConfig } from 'payload';
import { nobody } from '../../access/nobody.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { panel } from '../../access/panel.ts';
import { staff, staffField } from '../../access/staff.ts';
import { staffOrSelf } from './access/staffOrSelf.ts';
import { closedEndpoints } from './closedEndpoints.ts';
import { keepOwnStanding } from './hooks/keepOwnStanding.ts';
import { refuseSuspended } from './hooks/refuseSuspended.ts';
import { requireLongPassword } from './hooks/requireLongPassword.ts';

const HOUR_S = 3600;

/** Everybody who has an account, with their role. Never public: where a name is shown, it stands on what they wrote. */
export const People = {
  slug: 'people',
  labels: { singular: 'Person', plural: 'People' },
  auth: { tokenExpiration: 8 * HOUR_S, maxLoginAttempts: 10, lockTime: 10 * 60 * 1000 },
  access: {
    admin: panel,
    create: staff,
    read: staffOrSelf,
    update: staffOrSelf,
    delete: nobody, // what a person wrote, paid and earned refers to them: suspend instead
    unlock: staff,
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
    beforeValidate: [requireLongPassword],
    beforeChange: [keepOwnStanding],
    beforeLogin: [refuseSuspended],
  },
  fields: [
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
  ],
} satisfies CollectionConfig;
