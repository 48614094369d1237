import { describe, expect, it } from 'vitest';
import { type RichTextNode, richTextHtml } from '../src/cms/rich-text.ts';

const html = (...children: RichTextNode[]) => richTextHtml({ root: { children } });
const text = (words: string, format = 0): RichTextNode => ({ type: 'text', text: words, format });
const paragraph = (...children: RichTextNode[]): RichTextNode => ({ type: 'paragraph', children });
const link = (fields: NonNullable<RichTextNode['fields']>): RichTextNode => ({
  type: 'link',
  fields,
  children: [text('there')],
});

describe('rich text', () => {
  it('renders what the editor offers', () => {
    expect(
      html(
        { type: 'heading', tag: 'h2', children: [text('A title')] },
        paragraph(text('plain '), text('both', 3), { type: 'linebreak' }, text('gone', 4)),
        { type: 'list', tag: 'ol', children: [{ type: 'listitem', children: [text('one')] }] },
        { type: 'quote', children: [text('said')] },
        { type: 'horizontalrule' },
        paragraph(),
      ),
    ).toBe(
      '<h2>A title</h2>\n<p>plain <strong><em>both</em></strong><br><s>gone</s></p>\n<ol><li>one</li></ol>\n<blockquote><p>said</p></blockquote>\n<hr>\n',
    );
  });

  it('escapes every text', () => {
    expect(html(paragraph(text(`<script>alert("x")</script> & 'y'`)))).toBe(
      '<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</p>',
    );
  });

  it('has no heading that would stand above the page’s own, whatever the document says', () => {
    expect(html({ type: 'heading', tag: 'h1', children: [text('x')] })).toBe('<h2>x</h2>');
    expect(html({ type: 'heading', tag: 'script', children: [text('x')] })).toBe('<h2>x</h2>');
  });

  it.each([
    [
      'https://example.org/?a=1&b="2"',
      '<a href="https://example.org/?a=1&amp;b=&quot;2&quot;" rel="noopener nofollow">there</a>',
    ],
    ['mailto:help@example.org', '<a href="mailto:help@example.org">there</a>'],
    ['/readers', '<a href="/readers">there</a>'],
  ])('links to %s', (url, expected) => {
    expect(html(paragraph(link({ url })))).toBe(`<p>${expected}</p>`);
  });

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    '//elsewhere.test',
    'vbscript:x',
    '',
  ])('does not link to %j, and keeps the words', (url) => {
    expect(html(paragraph(link({ url })))).toBe('<p>there</p>');
  });

  it('links to other documents by their page, and to nothing that has none', () => {
    const doc = (relationTo: string, value: unknown) =>
      html(paragraph(link({ linkType: 'internal', doc: { relationTo, value } })));
    expect(doc('articles', { slug: 'the-longest-night' })).toBe(
      '<p><a href="/articles/the-longest-night">there</a></p>',
    );
    expect(doc('people', { slug: 'x' })).toBe('<p>there</p>');
    expect(doc('readers', 12)).toBe('<p>there</p>');
  });

  it('keeps the words of what it does not know', () => {
    expect(html({ type: 'carousel', children: [text('still here')] })).toBe('still here');
  });
});
