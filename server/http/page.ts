import { join } from 'node:path';
import express, { Router } from 'express';
import { requireOwner } from './guards.ts';
import { ownAddress } from './own-address.ts';

/** Vite names what it puts there by content, so a browser may keep it for good. */
const HASHED = '/assets';

/**
 * The built page in `webRoot`. Every path that a browser navigates to gets index.html, for the page routes
 * itself, under one of the server's names; anything else that is not there falls through.
 */
export function servePage(webRoot: string): Router {
  const page = Router();
  page.use(
    HASHED,
    express.static(join(webRoot, HASHED), { index: false, redirect: false, immutable: true, maxAge: '1y' }),
    (_request, response) => void response.sendStatus(404),
  );
  page.use(express.static(webRoot, { index: false, redirect: false, cacheControl: false }));
  page.get('/{*path}', (request, response, next) => {
    // `Accept: */*` is a script or a picture that is missing, which must not be answered with a page; but at the
    // root it is whoever looks whether the server is there.
    const isNavigation = request.headers.accept?.includes('text/html') === true;
    if (!isNavigation && !(request.path === '/' && request.accepts('html'))) return next();
    const address = ownAddress(request.headers.host, request.socket.localAddress);
    if (isNavigation && address !== null) return response.redirect(307, `//${address}${request.originalUrl}`);
    requireOwner(request, response, () => {
      response.set('Cache-Control', 'no-cache');
      response.sendFile('index.html', { root: webRoot, cacheControl: false }, (error) => {
        // A browser that has gone away needs no answer.
        if (error && !request.socket.destroyed) next(error);
      });
    });
  });
  return page;
}
