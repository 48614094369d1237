import type { UIFieldServerComponent } from 'payload';
import { isStaff } from '../access/person.ts';
import { DecideApplication } from './DecideApplication.tsx';

/** The applicant's picture and papers, and the two buttons for as long as nobody has decided. */
export const Application: UIFieldServerComponent = async ({ id, payload, req }) => {
  if (id === undefined || !isStaff(req)) return null;
  const application = await payload.findByID({
    collection: 'reader-applications',
    id: Number(id),
    depth: 0,
    disableErrors: true,
    user: req.user,
    overrideAccess: false,
  });
  if (!application) return null;
  const files = `/api/reader-applications/${application.id}`;
  return (
    <section className="soulseer-application">
      {/* Private and looked at once: nothing for an image service that keeps copies. */}
      {/* biome-ignore lint/performance/noImgElement: see above */}
      <img
        src={`${files}/portrait`}
        alt={`Portrait that ${application.name} sent`}
        className="soulseer-application__portrait"
      />
      <div>
        <h2>Documents</h2>
        <ul className="soulseer-application__documents">
          {(application.documents ?? []).map((document, index) => (
            <li key={document.id}>
              <a href={`${files}/documents/${index + 1}`} download={document.name}>
                {document.name}
              </a>{' '}
              ({size(document.bytes)})
            </li>
          ))}
        </ul>
        {application.status === 'submitted' && (
          <DecideApplication id={application.id} name={application.name} />
        )}
      </div>
    </section>
  );
};

function size(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
