import type { Block, Field } from 'payload';
import { placeField } from '../../fields/place.ts';

// What the home page may be composed of. Each block is one idea, shown by one component of the site.

const title = (description?: string): Field => ({
  name: 'title',
  type: 'text',
  required: true,
  maxLength: 120,
  ...(description ? { admin: { description } } : {}),
});

const hero: Block = {
  slug: 'hero',
  interfaceName: 'HeroBlock',
  labels: { singular: 'Opening', plural: 'Openings' },
  fields: [title(), { name: 'text', type: 'textarea', required: true, maxLength: 400 }],
};

const featuredReaders: Block = {
  slug: 'featured_readers',
  interfaceName: 'FeaturedReadersBlock',
  labels: { singular: 'Chosen readers', plural: 'Chosen readers' },
  fields: [
    title(),
    {
      name: 'readers',
      type: 'relationship',
      relationTo: 'readers',
      hasMany: true,
      required: true,
      maxRows: 12,
    },
  ],
};

const onlineReaders: Block = {
  slug: 'online_readers',
  interfaceName: 'OnlineReadersBlock',
  labels: { singular: 'Readers who are online', plural: 'Readers who are online' },
  fields: [title('Shown only while somebody is online; who, is read by the minute.')],
};

const steps: Block = {
  slug: 'steps',
  interfaceName: 'StepsBlock',
  labels: { singular: 'How it works', plural: 'How it works' },
  fields: [
    title(),
    {
      name: 'steps',
      type: 'array',
      required: true,
      minRows: 1,
      maxRows: 6,
      admin: { description: 'The steps to a reading, in order.' },
      fields: [
        { name: 'title', type: 'text', required: true, maxLength: 80 },
        { name: 'text', type: 'textarea', required: true, maxLength: 300 },
      ],
    },
  ],
};

const guides: Block = {
  slug: 'guides',
  interfaceName: 'GuidesBlock',
  labels: { singular: 'Kinds of reading', plural: 'Kinds of reading' },
  fields: [title('All guides that are published, by name.')],
};

const articles: Block = {
  slug: 'articles',
  interfaceName: 'ArticlesBlock',
  labels: { singular: 'Chosen articles', plural: 'Chosen articles' },
  fields: [
    title(),
    {
      name: 'articles',
      type: 'relationship',
      relationTo: 'articles',
      hasMany: true,
      required: true,
      maxRows: 6,
      admin: { description: 'The first is shown large.' },
    },
  ],
};

const horoscopes: Block = {
  slug: 'horoscopes',
  interfaceName: 'HoroscopesBlock',
  labels: { singular: 'Horoscopes', plural: 'Horoscopes' },
  fields: [title(), { name: 'text', type: 'textarea', maxLength: 300 }],
};

const quote: Block = {
  slug: 'quote',
  interfaceName: 'QuoteBlock',
  labels: { singular: 'Quotation', plural: 'Quotations' },
  fields: [
    { name: 'text', type: 'textarea', required: true, maxLength: 400 },
    {
      name: 'author_name',
      label: 'Whose words',
      type: 'text',
      required: true,
      maxLength: 80,
    },
  ],
};

const textAndPicture: Block = {
  slug: 'text_and_picture',
  interfaceName: 'TextAndPictureBlock',
  labels: { singular: 'Text and picture', plural: 'Texts and pictures' },
  fields: [
    title(),
    { name: 'text', type: 'textarea', required: true, maxLength: 1_000 },
    { name: 'picture', type: 'upload', relationTo: 'media', required: true },
  ],
};

const callToAction: Block = {
  slug: 'call_to_action',
  interfaceName: 'CallToActionBlock',
  labels: { singular: 'Invitation', plural: 'Invitations' },
  fields: [
    title(),
    { name: 'text', type: 'textarea', maxLength: 400 },
    {
      type: 'row',
      fields: [
        { name: 'label', label: 'Button', type: 'text', required: true, maxLength: 40 },
        placeField({ name: 'to', label: 'Leads to' }),
      ],
    },
  ],
};

export const blocks = [
  hero,
  featuredReaders,
  onlineReaders,
  steps,
  guides,
  articles,
  horoscopes,
  quote,
  textAndPicture,
  callToAction,
];
