import { ModuleProvider, Modules } from '@medusajs/framework/utils';
import { WalletProvider } from './service';

export default ModuleProvider(Modules.PAYMENT, { services: [WalletProvider] });
