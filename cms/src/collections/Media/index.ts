import type { CollectionConfig } from 'payload';
import { anyone } from '../../access/anyone.ts';
import { panel } from '../../access/panel.ts';
import { staff, staffField } from '../../access/staff.ts';
import { closed } from '../../api/closed.ts';
import { refuseWhileUsed } from '../../hooks/refuseWhileUsed.ts';
import { staffOrUploader } from './access/staffOrUploader.ts';
import { rememberUploader } from './hooks/rememberUploader.ts';
import { stripMetadata } from './hooks/stripMetadata.ts';

/** Public pictures. They lie in the media bucket and are read from there, never through the CMS. */
export const Media: CollectionConfig = {
  slug: 'media',
  labels: { singular: 'Picture', plural: 'Pictures' },
  access: { create: panel, read: anyone, update: staffOrUploader, delete: staff },
  disableDuplicate: true,
  admin: {
    group: 'Publishing',
    useAsTitle: 'alt',
    defaultColumns: ['filename', 'alt', 'width', 'height', 'filesize'],
    listSearchableFields: ['alt', 'filename'],
    description: 'AVIF, WebP, JPEG or PNG, at most 10 MB. Everybody can see a picture once it is uploaded.',
  },
  upload: {
    mimeTypes: ['image/avif', 'image/webp', 'image/jpeg', 'image/png'],
    adminThumbnail: 'card',
    pasteURL: false, // the CMS fetches nothing from an address that somebody typed
    imageSizes: [
      // Effort 2: AVIF's default takes many times as long for a few per cent.
      {
        name: 'card',
        width: 480,
        withoutEnlargement: false,
        formatOptions: { format: 'avif', options: { effort: 2, quality: 55 } },
      },
      // The width of a phone, two dots to a pixel. A smaller picture has none.
      {
        name: 'middle',
        width: 800,
        formatOptions: { format: 'avif', options: { effort: 2, quality: 50 } },
      },
    ],
  },
  // Pictures are read where they lie, and nothing is fetched from anywhere.
  endpoints: [closed('get', '/file/:filename'), closed('get', '/paste-url/:id?')],
  hooks: {
    beforeOperation: [stripMetadata],
    beforeChange: [rememberUploader],
    beforeDelete: [
      refuseWhileUsed(
        { collection: 'readers', field: 'portrait', plural: 'readers' },
        { collection: 'articles', field: 'cover', plural: 'articles' },
        { collection: 'gifts', field: 'picture', plural: 'gifts' },
      ),
    ],
  },
  fields: [
    {
      name: 'alt',
      type: 'text',
      required: true,
      maxLength: 200,
      label: 'Description',
      admin: { description: 'What can be seen, for people who can’t see it.' },
    },
    {
      name: 'uploaded_by',
      label: 'Uploaded by',
      type: 'relationship',
      relationTo: 'people',
      access: { read: staffField, create: () => false, update: () => false },
      admin: { position: 'sidebar', readOnly: true },
    },
  ],
};
