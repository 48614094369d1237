import { defineWidgetConfig } from '@medusajs/admin-sdk';
import { useCallback, useEffect, useState } from 'react';

interface SoldFile {
  id: string;
  name: string;
  bytes: number;
}

const size = (bytes: number) =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** On a product: the files that whoever buys it may download. */
function ProductFiles({ data }: { data: { id: string } }) {
  const [files, setFiles] = useState<SoldFile[] | null>(null);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const at = `/admin/shop/products/${data.id}/files`;

  const look = useCallback(async () => {
    const answer = await fetch(at);
    if (answer.ok) setFiles(((await answer.json()) as { files: SoldFile[] }).files);
  }, [at]);
  useEffect(() => {
    look().catch(() => setSaid('The files can’t be shown just now.'));
  }, [look]);

  async function act(work: () => Promise<Response>, done: string) {
    setBusy(true);
    setSaid('');
    try {
      const answer = await work();
      const problem = answer.ok ? null : ((await answer.json()) as { detail?: string });
      setSaid(problem ? (problem.detail ?? 'That was refused.') : done);
      await look();
    } catch {
      setSaid('That didn’t arrive. Look whether it is there, and try again.');
    } finally {
      setBusy(false);
    }
  }
  const upload = (file: File) =>
    act(
      () =>
        fetch(`${at}?name=${encodeURIComponent(file.name)}`, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          body: file,
        }),
      `${file.name} can be downloaded by its buyers now.`,
    );

  return (
    <section
      aria-label="Files to download"
      className="shadow-elevation-card-rest bg-ui-bg-base w-full rounded-lg divide-y"
    >
      <h2 className="font-sans font-medium px-6 py-4">Files to download</h2>
      <ul className="px-6 py-4">
        {files?.length === 0 && (
          <li className="txt-small text-ui-fg-subtle">None. This is no digital product.</li>
        )}
        {files?.map((file) => (
          <li className="txt-small flex justify-between py-1" key={file.id}>
            <span>
              {file.name} <span className="text-ui-fg-subtle">{size(file.bytes)}</span>
            </span>
            <button
              type="button"
              className="text-ui-fg-error"
              disabled={busy}
              onClick={() =>
                act(() => fetch(`${at}/${file.id}`, { method: 'DELETE' }), `${file.name} is gone.`)
              }
            >
              Remove {file.name}
            </button>
          </li>
        ))}
      </ul>
      <div className="px-6 py-4 txt-small">
        <label>
          Add a file (PDF, EPUB, ZIP, MP3, M4A, MP4, WAV, PNG, JPEG; at most 512 MB)
          <input
            type="file"
            className="block py-2"
            disabled={busy}
            accept=".pdf,.epub,.zip,.mp3,.m4a,.mp4,.wav,.png,.jpg"
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              target.value = '';
              if (file) void upload(file);
            }}
          />
        </label>
        <p role="status" className="text-ui-fg-subtle">
          {busy ? 'On its way …' : said}
        </p>
      </div>
    </section>
  );
}

export const config = defineWidgetConfig({ zone: 'product.details.after' });

export default ProductFiles;
