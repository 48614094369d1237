import type { GroupField } from 'payload';

/** What search engines and shared links say of a page, where that is to be other than its title and summary. */
export const seoField: GroupField = {
  name: 'seo',
  label: 'Search and sharing',
  type: 'group',
  admin: { description: 'Left empty, the title, the summary and the picture of the page itself are used.' },
  fields: [
    { name: 'title', type: 'text', maxLength: 70, admin: { description: 'At most 70 characters.' } },
    {
      name: 'description',
      type: 'textarea',
      maxLength: 170,
      admin: { description: 'At most 170 characters.' },
    },
    { name: 'picture', type: 'upload', relationTo: 'media' },
    {
      name: 'unlisted',
      label: 'Keep out of search engines',
      type: 'checkbox',
      defaultValue: false,
    },
  ],
};
