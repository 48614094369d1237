import { ModuleProvider, Modules } from '@medusajs/framework/utils';
import { SoulSeerAuthProvider } from './service';

export default ModuleProvider(Modules.AUTH, { services: [SoulSeerAuthProvider] });
