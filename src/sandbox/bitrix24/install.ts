// Adding the local application in the portal and taking it away again. An application without pages is told by the
// installation callback, which brings its first tokens; nothing else has to be called.
import { lifecycleRequest, type Post } from './app-events.ts';
import { APP_INSTALL, APP_UNINSTALL } from './event-codes.ts';
import { appUser, type Portal } from './portal.ts';

/** Also a changed card: handlers go, tokens stay, the callback comes again. */
export function installApp(portal: Portal, post: Post): void {
  dropBindings(portal);
  portal.app.installed = true;
  const url = portal.settings.app?.installUrl;
  const userId = appUser(portal)?.id ?? null;
  if (url === undefined) return;
  const data = { VERSION: 1, ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'ru' };
  post(APP_INSTALL, 0, () => lifecycleRequest(portal, url, APP_INSTALL, data, userId));
}

/** The handlers bound to the farewell hear it, with the application token as the only proof. */
export function uninstallApp(portal: Portal, post: Post): void {
  if (!portal.app.installed) return;
  const data = { LANGUAGE_ID: 'ru', CLEAN: 1 };
  for (const { event, url } of portal.app.handlers) {
    if (event === APP_UNINSTALL) post(event, 0, () => lifecycleRequest(portal, url, event, data, null));
  }
  dropBindings(portal);
  portal.app.installed = false;
}

/** Handlers and queue go with a removal and with every new version (Bitrix24 docs: event.bind). */
function dropBindings(portal: Portal): void {
  portal.app.handlers = [];
  portal.app.queue.clear();
  portal.app.noticed.clear();
}
