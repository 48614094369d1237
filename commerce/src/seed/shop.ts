import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import {
  createLocationFulfillmentSetWorkflow,
  createRegionsWorkflow,
  createServiceZonesWorkflow,
  createShippingOptionsWorkflow,
  createShippingProfilesWorkflow,
  createStockLocationsWorkflow,
  createTaxRegionsWorkflow,
  linkSalesChannelsToStockLocationWorkflow,
  updateRegionsWorkflow,
  updateSalesChannelsWorkflow,
  updateStoresWorkflow,
} from '@medusajs/medusa/core-flows';
import { STRIPE_PROVIDER } from '../modules/stripe-checkout/service';
import { WALLET_PROVIDER } from '../modules/wallet/service';
import { toMajorUnits } from '../money';

/** Where the demo shop sells and sends to: the United States and some of the European Union. */
const COUNTRIES = ['us', 'ie', 'de', 'fr', 'es', 'it', 'nl', 'pt'];
/** Value-added tax, in percent; it is within the prices. */
const TAX_RATES: Record<string, number> = { ie: 23, de: 19, fr: 20, es: 21, it: 22, nl: 21, pt: 23 };
const SHIPPING_CENTS = 695;
const PAYMENT_PROVIDERS = [STRIPE_PROVIDER, WALLET_PROVIDER];

/** What products have to be tied to. */
export interface Shop {
  sales_channel_id: string;
  stock_location_id: string;
  shipping_profile_id: string;
}

/** Makes what is missing of the shop itself: currency, region, taxes, stock location and shipping. */
export async function seedShop(container: MedusaContainer): Promise<Shop> {
  const sales_channel_id = await salesChannel(container);
  const region_id = await region(container);
  await taxes(container, region_id);
  const stock_location_id = await stockLocation(container, sales_channel_id);
  const shipping_profile_id = await shippingProfile(container);
  await shipping(container, stock_location_id, shipping_profile_id);

  const [store] = await container.resolve(Modules.STORE).listStores({}, { take: 1 });
  if (!store) throw new Error('Medusa made no store when it started.');
  await updateStoresWorkflow(container).run({
    input: {
      selector: { id: store.id },
      update: {
        name: 'SoulSeer',
        supported_currencies: [{ currency_code: 'usd', is_default: true }],
        default_sales_channel_id: sales_channel_id,
        default_region_id: region_id,
        default_location_id: stock_location_id,
      },
    },
  });
  return { sales_channel_id, stock_location_id, shipping_profile_id };
}

/** Medusa makes one when it first starts; the publishable key that it makes is tied to that one. */
async function salesChannel(container: MedusaContainer): Promise<string> {
  const [channel] = await container
    .resolve(Modules.SALES_CHANNEL)
    .listSalesChannels({}, { take: 1, order: { created_at: 'ASC' } });
  if (!channel) throw new Error('Medusa made no sales channel when it started.');
  await updateSalesChannelsWorkflow(container).run({
    input: { selector: { id: channel.id }, update: { name: 'SoulSeer site' } },
  });
  return channel.id;
}

async function region(container: MedusaContainer): Promise<string> {
  const name = 'United States and Europe';
  const [known] = await container.resolve(Modules.REGION).listRegions({ name });
  if (known) {
    // One that was made before there were card payments.
    await updateRegionsWorkflow(container).run({
      input: { selector: { id: known.id }, update: { payment_providers: PAYMENT_PROVIDERS } },
    });
    return known.id;
  }
  const { result } = await createRegionsWorkflow(container).run({
    input: {
      regions: [{ name, currency_code: 'usd', countries: COUNTRIES, payment_providers: PAYMENT_PROVIDERS }],
    },
  });
  return first(result).id;
}

/** Each country's rate. Prices are whole: what is on the label is what is paid, and the tax is a part of it. */
async function taxes(container: MedusaContainer, region_id: string): Promise<void> {
  const known = await container.resolve(Modules.TAX).listTaxRegions({}, { take: 1_000 });
  const missing = COUNTRIES.filter((code) => !known.some(({ country_code }) => country_code === code));
  if (missing.length > 0)
    await createTaxRegionsWorkflow(container).run({
      input: missing.map((country_code) => {
        const rate = TAX_RATES[country_code];
        return {
          country_code,
          provider_id: 'tp_system',
          ...(rate ? { default_tax_rate: { name: 'VAT', code: `vat-${country_code}`, rate } } : {}),
        };
      }),
    });
  const pricing = container.resolve(Modules.PRICING);
  const wanted = [
    { attribute: 'region_id', value: region_id },
    { attribute: 'currency_code', value: 'usd' },
  ];
  for (const preference of wanted) {
    const [there] = await pricing.listPricePreferences(preference, { take: 1 });
    if (there) await pricing.updatePricePreferences(there.id, { is_tax_inclusive: true });
    else await pricing.createPricePreferences({ ...preference, is_tax_inclusive: true });
  }
}

async function stockLocation(container: MedusaContainer, sales_channel_id: string): Promise<string> {
  const name = 'SoulSeer workshop';
  const [known] = await container.resolve(Modules.STOCK_LOCATION).listStockLocations({ name });
  if (known) return known.id;
  const { result } = await createStockLocationsWorkflow(container).run({
    input: {
      locations: [{ name, address: { address_1: '12 Quay Street', city: 'Galway', country_code: 'ie' } }],
    },
  });
  const { id } = first(result);
  await linkSalesChannelsToStockLocationWorkflow(container).run({ input: { id, add: [sales_channel_id] } });
  await container.resolve(ContainerRegistrationKeys.LINK).create({
    [Modules.STOCK_LOCATION]: { stock_location_id: id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: 'manual_manual' },
  });
  return id;
}

async function shippingProfile(container: MedusaContainer): Promise<string> {
  const [known] = await container.resolve(Modules.FULFILLMENT).listShippingProfiles({ type: 'default' });
  if (known) return known.id;
  const { result } = await createShippingProfilesWorkflow(container).run({
    input: { data: [{ name: 'Parcels', type: 'default' }] },
  });
  return first(result).id;
}

async function shipping(
  container: MedusaContainer,
  stock_location_id: string,
  shipping_profile_id: string,
): Promise<void> {
  const fulfillment = container.resolve(Modules.FULFILLMENT);
  const name = 'Parcels from the workshop';
  if ((await fulfillment.listShippingOptions({ name: 'Tracked parcel' })).length > 0) return;
  let [set] = await fulfillment.listFulfillmentSets({ name });
  if (!set) {
    await createLocationFulfillmentSetWorkflow(container).run({
      input: { location_id: stock_location_id, fulfillment_set_data: { name, type: 'shipping' } },
    });
    [set] = await fulfillment.listFulfillmentSets({ name });
  }
  if (!set) throw new Error('The fulfilment set could not be made.');
  let [zone] = await fulfillment.listServiceZones({ name });
  if (!zone) {
    const { result } = await createServiceZonesWorkflow(container).run({
      input: {
        data: [
          {
            name,
            fulfillment_set_id: set.id,
            geo_zones: COUNTRIES.map((country_code) => ({ type: 'country' as const, country_code })),
          },
        ],
      },
    });
    zone = first(result);
  }
  await createShippingOptionsWorkflow(container).run({
    input: [
      {
        name: 'Tracked parcel',
        price_type: 'flat',
        provider_id: 'manual_manual',
        service_zone_id: zone.id,
        shipping_profile_id,
        type: { label: 'Tracked parcel', description: 'Five to ten working days.', code: 'tracked' },
        prices: [{ currency_code: 'usd', amount: toMajorUnits(SHIPPING_CENTS) }],
        rules: [
          { attribute: 'enabled_in_store', operator: 'eq', value: 'true' },
          { attribute: 'is_return', operator: 'eq', value: 'false' },
        ],
      },
    ],
  });
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('Medusa answered with an empty list.');
  return item;
}
