/** Pages forbid code made of text, which zod tries with its first schema and is reported for: imported ahead of any. */

import { z } from 'zod';

z.config({ jitless: true });
