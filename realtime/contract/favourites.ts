/** Who wants to be told when a favourite comes online (D3), as the CMS tells it. */

import { z } from 'zod';
import { directoryReader } from './directory.ts';

/** What `PUT {realtime}/service/favourites/{person_id}/{reader_id}` takes; one that is dropped is `notify: false`. */
export const favouriteNotice = z
  .object({
    person_id: z.uuid(),
    reader_id: directoryReader.shape.reader_id,
    version: directoryReader.shape.version,
    notify: z.boolean(),
  })
  .meta({ id: 'FavouriteNotice' });
export type FavouriteNotice = z.infer<typeof favouriteNotice>;
