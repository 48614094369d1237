/** Rich text as the CMS keeps it (Lexical's JSON), as far as its editor lets anybody write. */
export interface RichText {
  root: { children: RichTextNode[] };
}

export interface RichTextNode {
  type: string;
  children?: RichTextNode[];
  text?: string;
  /** Bits: 1 bold, 2 italic, 4 struck through. */
  format?: number | string;
  tag?: string;
  fields?: {
    url?: string;
    linkType?: string;
    newTab?: boolean;
    doc?: { relationTo?: string; value?: unknown } | null;
  };
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => escapes[character] as string);

/** Pages of the site that a text may lead to, by the collection it names. */
const places: Record<string, string> = { articles: '/articles', readers: '/readers' };

/** Where a link leads, or null when it leads nowhere we would send anybody. */
function destination(fields: RichTextNode['fields']): string | null {
  if (fields?.linkType === 'internal') {
    const place = places[fields.doc?.relationTo ?? ''];
    const document = fields.doc?.value;
    const slug = typeof document === 'object' && document && 'slug' in document ? document.slug : null;
    return place && typeof slug === 'string' ? `${place}/${encodeURIComponent(slug)}` : null;
  }
  const url = fields?.url?.trim() ?? '';
  if (/^\/(?!\/)/.test(url) || /^#[\w-]+$/.test(url)) return url;
  return URL.canParse(url) && /^(https?|mailto):$/.test(new URL(url).protocol) ? url : null;
}

function textNode(node: RichTextNode): string {
  const format = typeof node.format === 'number' ? node.format : 0;
  let html = escaped(node.text ?? '');
  if (format & 4) html = `<s>${html}</s>`;
  if (format & 2) html = `<em>${html}</em>`;
  if (format & 1) html = `<strong>${html}</strong>`;
  return html;
}

function render(node: RichTextNode): string {
  const inside = () => (node.children ?? []).map(render).join('');
  switch (node.type) {
    case 'text':
      return textNode(node);
    case 'linebreak':
      return '<br>';
    case 'tab':
      return ' ';
    case 'paragraph':
      return node.children?.length ? `<p>${inside()}</p>` : '';
    case 'heading':
      return node.tag === 'h3' ? `<h3>${inside()}</h3>` : `<h2>${inside()}</h2>`;
    case 'quote':
      return `<blockquote><p>${inside()}</p></blockquote>`;
    case 'list':
      return node.tag === 'ol' ? `<ol>${inside()}</ol>` : `<ul>${inside()}</ul>`;
    case 'listitem':
      return `<li>${inside()}</li>`;
    case 'horizontalrule':
      return '<hr>';
    case 'link':
    case 'autolink': {
      const href = destination(node.fields);
      if (!href) return inside();
      const away = /^https?:/.test(href) ? ' rel="noopener nofollow"' : '';
      return `<a href="${escaped(href)}"${away}>${inside()}</a>`;
    }
    default:
      // Something newer than this page knows: its words matter more than its shape.
      return inside();
  }
}

/** Rich text as HTML. Nothing gets through but the elements named here; every text and address is escaped. */
export function richTextHtml(text: RichText): string {
  return text.root.children.map(render).join('\n');
}
