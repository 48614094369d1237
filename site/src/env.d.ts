/// <reference types="astro/client" />

declare namespace App {
  /** What every page is given: put together in `main.ts`, or by `development.ts` under `astro dev`. */
  interface Locals {
    environment: import('./server/environment.ts').Environment;
    cms: import('./cms/cms.ts').Cms;
    status: import('./status.ts').Status;
    identity: import('./identity/identity.ts').Identity;
    directory: import('./directory/store.ts').Directory;
    directoryDoor: import('./directory/door.ts').DirectoryDoor;
    account: import('./account/account.ts').Account;
    readings: import('./account/readings.ts').Readings;
    reviews: import('./account/reviews.ts').Reviews;
    drafts: import('./account/drafts.ts').Drafts;
    favourites: import('./account/favourites.ts').Favourites;
    presence: import('./presence.ts').Presence;
    money: import('./wallet/money.ts').Money;
    topUps: import('./wallet/top-ups.ts').TopUps;
    sharePictures: import('./share/pictures.ts').SharePictures;
    shop: import('./shop/shop.ts').Shop;
    cartCookie: import('./shop/cart-cookie.ts').CartCookie;
    age: import('./server/age.ts').Age;
    /** Whether they have said that they are 18 or older. */
    adult: boolean;
    /** Whose browser it is. */
    visitor: import('./identity/sessions.ts').Visitor;
    /** Whom the request comes from, as far as is believed. */
    address: string;
    /** Path and query as they were sent. */
    target: string;
    request_id: string;
    log: import('./server/logger.ts').Logger;
    /** Why the request was refused, for the page that says so. */
    refusal?: import('./server/problem.ts').Problem | undefined;
    /** Which program is still starting, for the page that says so. */
    starting?: import('./status.ts').ProgramName | undefined;
  }
}
