import { createApiHandler } from '../../../../api/handler.ts';
import config from '../../../../payload.config.ts';

const handler = createApiHandler(config);

export {
  handler as DELETE,
  handler as GET,
  handler as OPTIONS,
  handler as PATCH,
  handler as POST,
  handler as PUT,
};
