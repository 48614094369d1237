import { convertMarkdownToLexical, editorConfigFactory } from '@payloadcms/richtext-lexical';
import type { Payload } from 'payload';
import { richTextFeatures } from '../fields/richText.ts';
import type { Article } from '../payload-types.ts';

type RichText = Article['body'];

/** A converter from Markdown to what the admin's editor stores, with the features that it offers. */
export async function markdownConverter(payload: Payload): Promise<(markdown: string) => RichText> {
  const editorConfig = await editorConfigFactory.fromFeatures({
    config: payload.config,
    features: richTextFeatures,
  });
  return (markdown) => convertMarkdownToLexical({ editorConfig, markdown }) as unknown as RichText;
}
